package dev.swiftdeploy.adapters.metrics;

import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.HttpUrl;

/**
 * One instance of a watched workload, by its slot. It outlives changes of its address, so that at
 * any time at most one scrape of it is under way.
 */
final class Target {
  private static final Pattern ADDRESS =
      Pattern.compile("([A-Za-z0-9.-]{1,253}|\\[[0-9A-Fa-f:.]{2,45}])(?::([0-9]{1,5}))");

  final int slot;
  final AtomicBoolean scraping = new AtomicBoolean();
  final AtomicInteger probing = new AtomicInteger();

  Target(int slot) {
    this.slot = slot;
  }

  String key() {
    return Integer.toString(slot);
  }

  /** Nothing of an address can become anything else than host and port. */
  static Optional<HttpUrl> url(String address, String path) {
    Matcher parts = ADDRESS.matcher(address);
    if (!parts.matches()) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new HttpUrl.Builder()
              .scheme("http")
              .host(parts.group(1))
              .port(Integer.parseInt(parts.group(2)))
              .encodedPath(path)
              .build());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }
}
