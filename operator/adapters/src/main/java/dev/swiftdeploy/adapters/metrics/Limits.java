package dev.swiftdeploy.adapters.metrics;

import java.time.Duration;

/**
 * What bounds scrapes and probes.
 *
 * @param fastest pause between scrapes where the window is not short
 * @param everAt the shortest pause, for short windows
 * @param slowest pause between scrapes where the window is not long
 * @param scrape for a scrape in all, from the connection to the last byte
 * @param body bytes of it, after decompression
 * @param probe for a probe in all
 * @param probesInFlight at most, to one instance
 */
record Limits(
    Duration fastest,
    Duration everAt,
    Duration slowest,
    Duration scrape,
    long body,
    Duration probe,
    int probesInFlight) {

  /**
   * A probe may take longer than any threshold of latency that makes sense, so that what is slow is
   * seen; ten in flight still make a request per second of a service that takes ten.
   */
  static final Limits DEFAULT =
      new Limits(
          Duration.ofSeconds(1),
          Duration.ofMillis(250),
          Duration.ofSeconds(15),
          Duration.ofSeconds(2),
          4L << 20,
          Duration.ofSeconds(10),
          10);
}
