package dev.swiftdeploy.core.release;

/** What a declared service resolves to. What can't be resolved is not reviewed. */
public sealed interface Resolution {
  /** Tags are digests, files are hashed and kept: this is what would run. */
  record Resolved(Release release) implements Resolution {}

  /**
   * Something that is to run isn't there or can't be read.
   *
   * @param problem one sentence: what is missing
   * @param fix one sentence: what to do about it
   */
  record Unresolved(String problem, String fix) implements Resolution {}
}
