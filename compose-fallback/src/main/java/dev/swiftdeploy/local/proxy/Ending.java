package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;

/**
 * A proxy that is being removed: told to end once, looked at again and again, and killed when its
 * time is over. A file tells until when it has time, so that another daemon goes on with it.
 */
final class Ending {
  private static final Duration QUICK = Duration.ofSeconds(1);

  private final Path directory;
  private final Path file;

  Ending(Path directory) {
    this.directory = directory;
    this.file = directory.resolve("ending");
  }

  /** Tells a proxy to end. */
  interface Order {
    void give() throws IOException;
  }

  /**
   * Goes on with the end of a process; quick.
   *
   * @param patience how long it may take from the first call on
   * @return whether it is gone
   */
  boolean goOn(DetachedProcess process, Duration patience, Order order) throws IOException {
    if (!begun()) {
      Files.writeString(file, Instant.now().plus(patience).toString());
      order.give();
    } else if (Instant.now().isAfter(until())) {
      process.signal(DetachedProcess.Signal.KILL);
    }
    // Without requests in flight it is gone at once.
    if (!Waiting.until(() -> !process.running(), QUICK)) {
      return false;
    }
    // its supervisor's last act, in a folder that may be deleted next
    Path pidFile = directory.resolve(StateFolder.PID_FILE);
    Waiting.until(() -> DetachedProcess.exitCode(pidFile).isPresent(), QUICK);
    return true;
  }

  /** What is seen where no process is: nothing, or what one that has ended left. */
  Proxy.Observed observe() {
    return begun()
        ? Proxy.Observed.trouble(false, false, "the proxy has ended, what it left is to be removed")
        : Proxy.Observed.NOTHING;
  }

  private boolean begun() {
    return Files.exists(file);
  }

  /** It is gone, or another one is started in its place. */
  void over() throws IOException {
    Files.deleteIfExists(file);
  }

  private Instant until() throws IOException {
    try {
      return Instant.parse(Files.readString(file));
    } catch (DateTimeParseException e) {
      return Instant.MIN; // torn: it was told at some time before
    }
  }
}
