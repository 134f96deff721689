package dev.swiftdeploy.core.plan;

/** How a resource stands, in the terms of kstatus. */
public enum Standing {
  /** As declared. */
  READY,
  /** On its way. */
  RECONCILING,
  /** Stands still until a person, policy or the machine changes something. */
  BLOCKED,
  /** Can't be worked on. */
  STALLED,
  /** What is there can't be seen at the moment. */
  UNKNOWN
}
