package dev.swiftdeploy.adapters.manifest;

/** How much a {@link Problem} matters. */
public enum Severity {
  /** The file can't be taken. */
  ERROR(""),
  /** The file is taken, but something in it does not do what its author may think. */
  WARNING("warning: "),
  /** The file is taken, and this is how something in it was understood. */
  NOTICE("note: ");

  private final String prefix;

  Severity(String prefix) {
    this.prefix = prefix;
  }

  String prefix() {
    return prefix;
  }
}
