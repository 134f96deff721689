package dev.swiftdeploy.cli;

/** A command can't go on: what happened, what to do next, and the exit code. */
final class CommandFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;
  private final int exitCode;
  private final String next;

  CommandFailure(int exitCode, String message, String next) {
    super(message);
    this.exitCode = exitCode;
    this.next = next;
  }

  int exitCode() {
    return exitCode;
  }

  String next() {
    return next;
  }
}
