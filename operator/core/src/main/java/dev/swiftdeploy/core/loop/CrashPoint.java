package dev.swiftdeploy.core.loop;

/**
 * The places where a crash is interesting. Tests end the process at each of them, really, and the
 * next tick must reach the same end. Each passes {@link CrashPoints#at}.
 */
public enum CrashPoint {
  /** The decision is known and not yet recorded. */
  LOOP_BEFORE_DECISION_RECORD,
  /** The decision is durable, no effect has begun. */
  LOOP_AFTER_DECISION_RECORD,
  LOOP_BEFORE_EFFECT,
  LOOP_AFTER_EFFECT,
  /** All effects are done, the outcome is not recorded. */
  LOOP_BEFORE_OUTCOME_RECORD,
  LOOP_AFTER_OUTCOME_RECORD,
  /** Some bytes of a record are written, not all. */
  AUDIT_HALF_LINE,
  /** The whole line is written and not yet forced to disk. */
  AUDIT_BEFORE_FORCE,
  /** A full segment is packed, and still the one that is written to. */
  AUDIT_AFTER_ARCHIVE,
  /** The next segment is written, with its checkpoint, and not yet in its place. */
  AUDIT_AFTER_CHECKPOINT,
  /** The next segment is in its place. */
  AUDIT_AFTER_ROTATION,
  /** An instance's process is started, and nothing else is known of it. */
  PROCESS_AFTER_SPAWN,
  /** An instance was asked to end. */
  PROCESS_AFTER_SIGTERM,
  /** The proxy's new configuration is written and not yet checked. */
  PROXY_AFTER_WRITE,
  /** The proxy was told to take its new configuration. */
  PROXY_AFTER_RELOAD,
  /** The proxy's process is started, and nothing else is known of it. */
  PROXY_AFTER_SPAWN,
  /** nginx's new configuration is checked and in its place, and nginx is not told of it. */
  PROXY_AFTER_CHECK,
  /** What a Compose project is to be is written, the file that Compose is given not yet. */
  COMPOSE_AFTER_PROJECT,
  /** Compose was started and works; nobody will hear how it ends. */
  COMPOSE_DURING_UP,
  /** Compose has started containers, and nothing else is known of them. */
  COMPOSE_AFTER_UP,
  /** A container has ended and is still there. */
  COMPOSE_AFTER_STOP,
  /** A container is removed, and what stood around it not. */
  COMPOSE_AFTER_REMOVE,
  /** The API server is about to be asked to make a record's object: this process leads, still. */
  KUBERNETES_BEFORE_RECORD,
  /** The API server has made a record's object; its answer was not read yet, as below. */
  KUBERNETES_AFTER_RECORD,
  /** A release is kept. */
  KUBERNETES_AFTER_RELEASE,
  /** The policy that decides is kept for the next operator. */
  KUBERNETES_AFTER_POLICY,
  /** One object of a workload or of the proxy is about to be written: this process leads, still. */
  KUBERNETES_BEFORE_APPLY,
  /** It was written. */
  KUBERNETES_AFTER_APPLY,
  /** One of them, or all old ConfigMaps, were deleted. */
  KUBERNETES_AFTER_DELETE,
  /** The resource's status was written. */
  KUBERNETES_AFTER_STATUS,
  /** The resource got its finalizer, or lost it, or a used up request was taken away. */
  KUBERNETES_AFTER_CLAIM,
  /** An Event was written. */
  KUBERNETES_AFTER_EVENT,
  /** The lease was taken or renewed. */
  KUBERNETES_AFTER_LEASE
}
