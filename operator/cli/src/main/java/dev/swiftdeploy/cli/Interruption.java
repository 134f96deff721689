package dev.swiftdeploy.cli;

import java.io.IOException;

/** Has a command that waits say on Ctrl-C what goes on without it. */
final class Interruption {
  private Interruption() {}

  /** What a command waits for. */
  interface Waiting {
    int end() throws IOException;
  }

  /** Waits: an exit code. */
  static int told(Host host, Terminal terminal, Waiting waiting) throws IOException {
    String goesOn =
        "the "
            + host.name()
            + " goes on with it; see how it stands with: "
            + host.command("status");
    Thread hook = new Thread(() -> terminal.talk(goesOn), "interrupted");
    Runtime.getRuntime().addShutdownHook(hook);
    try {
      return waiting.end();
    } finally {
      forget(hook);
    }
  }

  private static void forget(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      return; // the JVM is ending already
    }
  }
}
