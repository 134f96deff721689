package dev.swiftdeploy.local.proxy.embedded;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What the embedded proxy's process is told by its configuration file.
 *
 * @param host the IPv4 address to listen on
 * @param timeout how long an instance may be silent
 * @param drain how long requests may go on when there is a later configuration
 * @param shares of the traffic, in percent, in order; they add up to 100
 * @param candidate whom a header picks
 * @param errors bodies of the proxy's own errors, by status
 */
record Directives(
    String host,
    int port,
    Duration timeout,
    Duration drain,
    List<Share> shares,
    Optional<Candidate> candidate,
    Map<Integer, String> errors) {

  /**
   * A workload's part.
   *
   * @param instances {@code host:port}, in order
   */
  record Share(int percent, String workload, List<String> instances) {}

  /** A request whose header of this name says {@code canary} goes to this workload. */
  record Candidate(String header, String workload) {}

  /**
   * Reads a file that {@link EmbeddedConf} rendered.
   *
   * @throws IOException naming the line that is not as it should be
   */
  static Directives parse(String text) throws IOException {
    Map<String, String> single = new LinkedHashMap<>();
    List<Share> shares = new ArrayList<>();
    Map<Integer, String> errors = new LinkedHashMap<>();
    for (String line : text.lines().toList()) {
      try {
        String[] words = line.split(" ", -1);
        switch (words[0]) {
          case "", "#" -> {}
          case "share" ->
              shares.add(
                  new Share(
                      Integer.parseInt(words[1]),
                      words[2],
                      List.of(words).subList(3, words.length)));
          case "error" -> errors.put(Integer.parseInt(words[1]), line.split(" ", 3)[2]);
          default -> single.put(words[0], line.substring(words[0].length() + 1));
        }
      } catch (RuntimeException e) {
        throw new IOException("not a directive: " + line, e);
      }
    }
    return of(single, shares, errors);
  }

  private static Directives of(
      Map<String, String> single, List<Share> shares, Map<Integer, String> errors)
      throws IOException {
    try {
      String[] listen = value(single, "listen").split(" ", 2);
      return new Directives(
          listen[0],
          Integer.parseInt(listen[1]),
          Duration.ofMillis(Long.parseLong(value(single, "timeout_ms"))),
          Duration.ofMillis(Long.parseLong(value(single, "drain_ms"))),
          shares,
          Optional.ofNullable(single.get("candidate"))
              .map(value -> value.split(" ", 2))
              .map(words -> new Candidate(words[0], words[1])),
          errors);
    } catch (RuntimeException e) {
      throw new IOException("not a configuration of the embedded proxy: " + e.getMessage(), e);
    }
  }

  private static String value(Map<String, String> single, String name) {
    String value = single.get(name);
    if (value == null) {
      throw new IllegalArgumentException(name + " is missing");
    }
    return value;
  }
}
