package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.local.proxy.Proxy;
import dev.swiftdeploy.local.release.FileReleaseStore;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;
import java.util.SortedMap;
import java.util.function.Supplier;

/**
 * Workloads as child processes of this machine, behind a reverse proxy that is a process of its
 * own. All of them outlive this object and its process; what is there is found again by pid files
 * and, where those are lost, by looking at all processes.
 *
 * <p>Nothing here waits: an instance that was asked to end is asked once, killed when its grace is
 * over and the effect is applied again, and observed until it is gone.
 */
public final class ProcessPlatform implements Platform, AutoCloseable {
  /** How long an instance has to end in order. */
  public static final Duration GRACE = Spec.Defaults.DRAIN_TIMEOUT;

  private final ProcessSite site;
  private final Proxy proxy;
  private final ProcessInstances instances;
  private final ProcessEffects effects;

  /**
   * @param proxy of this resource
   * @param reserved ports that no instance may take: those of all proxies of the manifest
   * @param grace from asking an instance to end to killing it
   */
  public ProcessPlatform(
      ProcessSite site,
      FileReleaseStore releases,
      ArtifactStore artifacts,
      Proxy proxy,
      Supplier<Set<Port>> reserved,
      Duration grace,
      Clock clock,
      CrashPoints crashPoints) {
    this.site = site;
    this.proxy = proxy;
    SlotEndings endings = new SlotEndings(grace, clock, crashPoints);
    this.instances = new ProcessInstances(site, releases, endings, clock);
    this.effects =
        new ProcessEffects(
            site, instances, endings, releases, artifacts, proxy, reserved, clock, crashPoints);
  }

  @Override
  public String name() {
    return "process";
  }

  /** Stops watching. Workloads and proxy run on. */
  @Override
  public void close() {
    instances.close();
  }

  @Override
  public synchronized Observation observe() {
    SortedMap<Workload, SortedMap<Integer, Slot>> there = instances.look();
    return new Observation(
        instances.observed(there), instances.routing(there).observed(proxy.observe()));
  }

  @Override
  public synchronized void apply(Effect effect, Permission permission) {
    try {
      effect.on(effects);
    } catch (IOException e) {
      throw new PlatformException(
          "could not " + effect.text() + ": " + e.getMessage(),
          "make room in " + site.state() + ", and make it writable for this user",
          e);
    } finally {
      instances.forget();
    }
  }
}
