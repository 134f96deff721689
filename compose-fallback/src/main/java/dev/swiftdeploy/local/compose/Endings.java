package dev.swiftdeploy.local.compose;

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
  private final Set<String> under = ConcurrentHashMap.newKeySet();

  Endings(Engine engine) {
    this.engine = engine;
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
                }
                if (removed) {
                  engine.remove(container);
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
