package dev.swiftdeploy.core.loop;

/** Told when a {@link CrashPoint} is passed. */
@FunctionalInterface
public interface CrashPoints {
  /** Outside crash tests nothing happens. */
  CrashPoints NONE = point -> {};

  void at(CrashPoint point);
}
