package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.metrics.HttpMetricsSource;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.compose.ComposePlatform;
import dev.swiftdeploy.local.compose.ComposeReleaseResolver;
import dev.swiftdeploy.local.compose.ComposeSite;
import dev.swiftdeploy.local.compose.Docker;
import dev.swiftdeploy.local.compose.Engine;
import dev.swiftdeploy.local.compose.EvidenceWay;
import dev.swiftdeploy.local.compose.OpaContainers;
import dev.swiftdeploy.local.compose.ProjectFiles;
import dev.swiftdeploy.local.daemon.Workspace;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.nio.file.Files;
import java.time.Clock;

/** Containers of a Docker engine. */
record ComposeParts(
    ComposePlatform platform,
    ProjectFiles files,
    ReleaseResolver resolver,
    FileReleaseStore releases,
    HttpMetricsSource metrics)
    implements MachineParts {

  static ComposeParts of(
      Workspace workspace, Resource resource, Clock clock, CrashPoints crashPoints) {
    Engine engine = new Engine(new Docker(System.getenv()));
    ComposeSite site = site(workspace, resource);
    FileReleaseStore releases = new FileReleaseStore(site.state().resolve("releases"));
    ProjectFiles files = new ProjectFiles(site, engine, releases, crashPoints);
    EvidenceWay way = new EvidenceWay();
    return new ComposeParts(
        new ComposePlatform(files, releases, way, ComposePlatform.GRACE, clock),
        files,
        new ComposeReleaseResolver(engine, clock),
        releases,
        new HttpMetricsSource(clock, way));
  }

  static ComposeSite site(Workspace workspace, Resource resource) {
    return ComposeSite.of(
        resource.name(),
        resource.spec(),
        workspace.folder(),
        workspace.resource(resource.name()),
        alone(workspace));
  }

  private static boolean alone(Workspace workspace) {
    if (!workspace.base().equals("manifest")) {
      return false;
    }
    ManifestResult result =
        Files.exists(workspace.manifest())
            ? FileManifestSource.read(workspace)
            : FileManifestSource.readLastGood(workspace);
    return !(result instanceof ManifestResult.Manifest manifest)
        || manifest.resources().size() == 1;
  }

  OpaContainers opa() {
    return new OpaContainers(files);
  }

  @Override
  public Proxy proxy() {
    return platform.proxy();
  }

  @Override
  public void close() {
    platform.close();
    metrics.close();
  }
}
