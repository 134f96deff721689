package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Containers that were asked to end, each by a thread of its own, so that nobody waits for them. A
 * daemon that dies meanwhile leaves containers that are asked again.
 */
final class Endings {
  private final Engine engine;
  private final CrashPoints crashPoints;
  private final Set<String> under = ConcurrentHashMap.newKeySet();

  Endings(ProjectFiles files) {
    this.engine = files.engine();
    this.crashPoints = files.crashPoints();
  }

  /** Whether it was asked, and has not ended yet. */
  boolean under(Container container) {
    return under.contains(container.id());
  }

  /**
   * Asks it to end, once; it is killed when its grace is over.
   *
   * @param removed it is also removed
   * @param then is run afterwards
   */
  void end(Container container, Duration grace, boolean removed, Runnable then) {
    if (!under.add(container.id())) {
      return;
    }
    Thread thread =
        new Thread(
            () -> {
              try {
                if (container.alive() || container.status().equals("restarting")) {
                  engine.stop(container, grace);
                  crashPoints.at(CrashPoint.COMPOSE_AFTER_STOP);
                }
                if (removed) {
                  engine.remove(container);
                  crashPoints.at(CrashPoint.COMPOSE_AFTER_REMOVE);
                }
                then.run();
              } catch (PlatformException e) {
                // what is left is seen, and asked again
              } finally {
                under.remove(container.id());
              }
            },
            "swiftdeploy-end-" + container.name());
    thread.setDaemon(true);
    thread.start();
  }
}
