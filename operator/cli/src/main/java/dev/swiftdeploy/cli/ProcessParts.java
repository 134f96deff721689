package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.metrics.HttpMetricsSource;
import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import dev.swiftdeploy.local.process.ArtifactStore;
import dev.swiftdeploy.local.process.Artifacts;
import dev.swiftdeploy.local.process.ProcessPlatform;
import dev.swiftdeploy.local.process.ProcessReleaseResolver;
import dev.swiftdeploy.local.process.ProcessSite;
import dev.swiftdeploy.local.proxy.Proxies;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;

/** Child processes of this machine. */
record ProcessParts(
    ProcessPlatform platform,
    Proxy proxy,
    ReleaseResolver resolver,
    FileReleaseStore releases,
    HttpMetricsSource metrics)
    implements MachineParts {

  static ProcessParts of(
      Workspace workspace,
      Resource resource,
      Clock clock,
      CrashPoints crashPoints,
      Supplier<Set<Port>> reserved,
      UnaryOperator<Artifacts> resolved) {
    Map<String, String> environment = System.getenv();
    Path state = workspace.resource(resource.name());
    ProcessSite site = new ProcessSite(resource.name(), workspace.folder(), state, environment);
    ArtifactStore artifacts = new ArtifactStore(site.artifacts(), clock);
    FileReleaseStore releases = new FileReleaseStore(site.releases());
    Proxy proxy =
        Proxies.choose(state.resolve("proxy"), ListenAddress.LOOPBACK, environment, crashPoints);
    ProcessPlatform platform =
        new ProcessPlatform(
            site, releases, artifacts, proxy, reserved, ProcessPlatform.GRACE, clock, crashPoints);
    ReleaseResolver resolver =
        new ProcessReleaseResolver(workspace.folder(), resolved.apply(artifacts), environment);
    return new ProcessParts(platform, proxy, resolver, releases, new HttpMetricsSource(clock));
  }

  @Override
  public void close() {
    platform.close();
    metrics.close();
  }
}
