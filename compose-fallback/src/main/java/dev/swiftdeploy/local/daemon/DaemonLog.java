package dev.swiftdeploy.local.daemon;

import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.spec.ResourceName;

/** Where a daemon tells what happens, line by line. */
public interface DaemonLog {
  /** Something about one resource. */
  void event(ResourceName resource, Event event);

  /** Something about the daemon or the manifest. */
  void line(String text);
}
