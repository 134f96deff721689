package dev.swiftdeploy.cli;

/** Exit codes; {@code docs} and {@code --help} name them. */
final class Exit {
  static final int DONE = 0;
  static final int FAILED = 1;
  static final int USAGE = 2;
  static final int BLOCKED = 3;
  static final int UNAVAILABLE = 4;
  static final int LOCKED = 5;

  private Exit() {}
}
