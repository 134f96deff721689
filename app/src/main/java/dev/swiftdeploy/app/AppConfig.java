package dev.swiftdeploy.app;

import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What the environment says about this instance.
 *
 * @param mode {@code MODE}; stable where it is not set
 * @param version {@code APP_VERSION}; {@code dev} where it is not set
 * @param address {@code APP_HOST} (default 0.0.0.0) and {@code APP_PORT} (default 3000; 0 takes a
 *     free port, which the start line on stdout names)
 */
record AppConfig(Mode mode, String version, InetSocketAddress address) {

  /** The longest version taken; it is repeated in each answer. */
  private static final int VERSION_MAX = 128;

  /** Thrown when the environment can't be used; the message has a line for each fault. */
  static final class InvalidEnvironmentException extends Exception {
    private InvalidEnvironmentException(List<String> faults) {
      super(String.join(System.lineSeparator(), faults));
    }
  }

  /**
   * Reads the environment. Unset and empty are the same.
   *
   * @throws InvalidEnvironmentException if a variable has an unusable value; all of them are named
   */
  static AppConfig from(Map<String, String> environment) throws InvalidEnvironmentException {
    List<String> faults = new ArrayList<>();
    Mode mode = mode(value(environment, "MODE", "stable"), faults);
    String version = version(value(environment, "APP_VERSION", "dev"), faults);
    int port = port(value(environment, "APP_PORT", "3000"), faults);
    InetAddress host = host(value(environment, "APP_HOST", "0.0.0.0"), faults);
    if (!faults.isEmpty()) {
      throw new InvalidEnvironmentException(faults);
    }
    return new AppConfig(mode, version, new InetSocketAddress(host, port));
  }

  private static String value(Map<String, String> environment, String name, String otherwise) {
    String value = environment.getOrDefault(name, "");
    return value.isEmpty() ? otherwise : value;
  }

  private static Mode mode(String value, List<String> faults) {
    for (Mode mode : Mode.values()) {
      if (mode.label().equals(value)) {
        return mode;
      }
    }
    faults.add("MODE must be stable or canary, not " + quote(value));
    return Mode.STABLE;
  }

  /** Control characters are refused: the version is written to the log, one event a line. */
  private static String version(String value, List<String> faults) {
    if (value.length() > VERSION_MAX || value.chars().anyMatch(Character::isISOControl)) {
      faults.add(
          "APP_VERSION must be at most %d characters, none of them a control character, not %s"
              .formatted(VERSION_MAX, quote(value)));
    }
    return value;
  }

  private static int port(String value, List<String> faults) {
    try {
      int port = Integer.parseInt(value);
      if (port >= 0 && port <= 65535) {
        return port;
      }
    } catch (NumberFormatException notANumber) {
      // told below, like a number out of range
    }
    faults.add(
        "APP_PORT must be a number from 1 to 65535, or 0 for any free port, not " + quote(value));
    return 0;
  }

  private static InetAddress host(String value, List<String> faults) {
    try {
      return InetAddress.getByName(value);
    } catch (UnknownHostException unknown) {
      faults.add("APP_HOST must be an address to listen on, such as 0.0.0.0, not " + quote(value));
      return InetAddress.getLoopbackAddress();
    }
  }

  private static String quote(String value) {
    String start = value.length() > 80 ? value.substring(0, 80) + "…" : value;
    return '"' + start.replaceAll("\\p{Cntrl}", "?") + '"';
  }
}
