package dev.swiftdeploy.app;

import java.util.Arrays;

/** The paths that are served, and {@link #OTHER} for all else, so that metrics have few labels. */
enum Route {
  HOME("/", true, "GET, HEAD"),
  HEALTH("/healthz", false, "GET, HEAD"),
  METRICS("/metrics", false, "GET, HEAD"),
  CHAOS("/chaos", false, "POST"),
  OTHER("other", true, "");

  private final String label;
  private final boolean hurt;
  private final String allow;

  Route(String label, boolean hurt, String allow) {
    this.label = label;
    this.hurt = hurt;
    this.allow = allow;
  }

  static Route of(String path) {
    for (Route route : values()) {
      if (route != OTHER && route.label.equals(path)) {
        return route;
      }
    }
    return OTHER;
  }

  /** The value of the metrics' label {@code path}. */
  String label() {
    return label;
  }

  /** Whether chaos touches this route. */
  boolean hurtByChaos() {
    return hurt;
  }

  boolean allows(String method) {
    return Arrays.asList(allow.split(", ")).contains(method);
  }

  /** The value of the header {@code Allow}. */
  String allow() {
    return allow;
  }
}
