package dev.swiftdeploy.app;

import java.util.Locale;

/** The mode that the workload runs in, as the environment variable {@code MODE} names it. */
enum Mode {
  STABLE,
  CANARY;

  /** The value of the gauge {@code app_mode}: 0 for stable, 1 for canary. */
  double gauge() {
    return this == CANARY ? 1 : 0;
  }

  /** The name as it stands in the environment, in JSON and in headers. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }
}
