package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.platform.Effect;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.spec.Spec;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;

/**
 * Workloads as containers of a Docker engine, behind an nginx that is one too. What is there is
 * what the engine says, found by labels; nothing of it depends on this object.
 *
 * <p>The engine starts ended containers again by their restart policy. What it leaves ended, and
 * what was removed, the loop starts again.
 */
public final class ComposePlatform implements Platform, AutoCloseable {
  /** Its name in records. */
  public static final String NAME = "compose";

  /** How long an instance has to end in order. */
  public static final Duration GRACE = Spec.Defaults.DRAIN_TIMEOUT;

  private final ComposeSite site;
  private final ComposeInstances instances;
  private final ComposeProxy proxy;
  private final ComposeEffects effects;

  /**
   * Asks the engine nothing yet.
   *
   * @param way to instances; this platform keeps it up to date
   * @param grace from asking an instance to end to killing it
   */
  public ComposePlatform(
      ProjectFiles files, ReleaseStore releases, EvidenceWay way, Duration grace, Clock clock) {
    this.site = files.site();
    Endings endings = new Endings(files);
    EvidenceContainer evidence = new EvidenceContainer(files, way);
    this.proxy = new ComposeProxy(files, evidence, endings);
    this.instances = new ComposeInstances(files, releases, endings, evidence, clock);
    this.effects = new ComposeEffects(files, instances, proxy, evidence, endings, grace);
  }

  @Override
  public String name() {
    return NAME;
  }

  /** The proxy, for those who check before anything runs. */
  public ComposeProxy proxy() {
    return proxy;
  }

  /** Stops watching. Containers run on. */
  @Override
  public void close() {
    instances.close();
  }

  @Override
  public synchronized Observation observe() {
    Seen there = instances.look();
    return new Observation(
        instances.observed(there), instances.routing(there).observed(proxy.observe(there.all())));
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
    }
  }
}
