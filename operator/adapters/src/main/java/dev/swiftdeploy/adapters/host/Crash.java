package dev.swiftdeploy.adapters.host;

import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * For crash tests: {@code SWIFTDEPLOY_CRASH_AT=POINT[:n]} ends this process with SIGKILL when it
 * passes that point for the n-th time.
 */
public final class Crash implements CrashPoints {
  private final CrashPoint point;
  private int left;

  private Crash(CrashPoint point, int left) {
    this.point = point;
    this.left = left;
  }

  /**
   * As the environment says; mostly nothing.
   *
   * @throws IllegalArgumentException if it names no point, or no number of times
   */
  public static CrashPoints fromEnvironment() {
    @Nullable String wanted = System.getenv("SWIFTDEPLOY_CRASH_AT");
    if (wanted == null || wanted.isEmpty()) {
      return NONE;
    }
    int colon = wanted.indexOf(':');
    String name = colon < 0 ? wanted : wanted.substring(0, colon);
    int times = colon < 0 ? 1 : Integer.parseInt(wanted.substring(colon + 1));
    return new Crash(CrashPoint.valueOf(name), times);
  }

  @Override
  public synchronized void at(CrashPoint passed) {
    if (passed == point && --left == 0) {
      kill();
    }
  }

  private static void kill() {
    try {
      new ProcessBuilder("kill", "-KILL", Long.toString(ProcessHandle.current().pid()))
          .start()
          .waitFor();
    } catch (IOException e) {
      Runtime.getRuntime().halt(137);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      Runtime.getRuntime().halt(137);
    }
  }
}
