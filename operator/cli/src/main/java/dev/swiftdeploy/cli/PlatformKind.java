package dev.swiftdeploy.cli;

import java.util.Locale;

/** The platforms of a machine. */
enum PlatformKind {
  /** Child processes. */
  PROCESS,
  /** Containers of a Docker engine. */
  COMPOSE;

  /** As people and the workspace's file write it. */
  String word() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** For the daemon's first line; the embedded default goes without saying. */
  String told() {
    return this == COMPOSE ? ", on Docker Compose" : "";
  }

  @Override
  public String toString() {
    return word();
  }
}
