package dev.swiftdeploy.local.daemon;

import dev.swiftdeploy.core.loop.Ports;

/** What stands around one resource's loop on this machine, and must be closed with it. */
public interface LocalResource extends AutoCloseable {
  Ports ports();

  @Override
  void close();
}
