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
    Engine engine,
    ComposePlatform platform,
    ProjectFiles files,
    ReleaseResolver resolver,
    FileReleaseStore releases,
    HttpMetricsSource metrics)
    implements MachineParts {

  /** For commands, which look once. */
  static ComposeParts looking(Workspace workspace, Resource resource, Clock clock) {
    Engine engine = new Engine(new Docker(System.getenv()));
    return of(site(workspace, resource), engine, clock, CrashPoints.NONE);
  }

  /** For a daemon, which looks again and again. */
  static ComposeParts listening(
      Workspace workspace, Resource resource, Clock clock, CrashPoints crashPoints) {
    ComposeSite site = site(workspace, resource);
    Engine engine = Engine.listening(new Docker(System.getenv()), site.project());
    return of(site, engine, clock, crashPoints);
  }

  private static ComposeParts of(
      ComposeSite site, Engine engine, Clock clock, CrashPoints crashPoints) {
    FileReleaseStore releases = new FileReleaseStore(site.state().resolve("releases"));
    ProjectFiles files = new ProjectFiles(site, engine, releases, crashPoints);
    EvidenceWay way = new EvidenceWay();
    return new ComposeParts(
        engine,
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
    engine.close();
  }
}
