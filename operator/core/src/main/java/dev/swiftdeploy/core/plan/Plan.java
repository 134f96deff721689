package dev.swiftdeploy.core.plan;

/**
 * What one tick comes to.
 *
 * @param rule the name of the rule that answered
 * @param condition how the resource stands, for status
 * @param why one sentence for people
 */
public record Plan(String rule, Standing condition, String why, Step step) {

  /** As {@code swiftdeploy plan} prints it and tests compare it. */
  public String render() {
    return rule + ": " + why + "\n  " + step.text() + "\n";
  }
}
