package dev.swiftdeploy.core.spec;

import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * A SwiftDeploy resource as declared: its name, its labels, its spec.
 *
 * @param labels as Kubernetes takes them; policy sees them
 */
public record Resource(ResourceName name, SortedMap<String, String> labels, Spec spec) {
  /** How many labels a resource may have. */
  public static final int MAX_LABELS = 64;

  private static final int MAX_PREFIX = 253;
  private static final String WORD = "[A-Za-z0-9](?:[A-Za-z0-9._-]{0,61}[A-Za-z0-9])?";
  private static final String DNS = "[a-z0-9](?:[a-z0-9-]*[a-z0-9])?";
  private static final Pattern LABEL_KEY =
      Pattern.compile("(?:" + DNS + "(?:\\." + DNS + ")*/)?" + WORD);
  private static final Pattern LABEL_VALUE = Pattern.compile("(?:" + WORD + ")?");

  public Resource {
    labels = new TreeMap<>(labels);
    if (labels.size() > MAX_LABELS) {
      throw new InvalidValue(labels.size() + " labels: at most " + MAX_LABELS);
    }
    labels.forEach(
        (key, value) -> {
          checkedLabelKey(key);
          checkedLabelValue(value);
        });
  }

  /** The key itself, if Kubernetes takes it: {@code [prefix/]name}; else {@link InvalidValue}. */
  public static String checkedLabelKey(String key) {
    int slash = key.indexOf('/');
    if (slash > MAX_PREFIX
        || key.length() - slash > MAX_PREFIX
        || !LABEL_KEY.matcher(key).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(key)
              + " is not a label: letters, digits and . _ - , at most 63, after an optional DNS prefix and /");
    }
    return key;
  }

  /** The value itself, if Kubernetes takes it; else {@link InvalidValue}. */
  public static String checkedLabelValue(String value) {
    if (value.length() > MAX_PREFIX || !LABEL_VALUE.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not a label's value: letters, digits and . _ - , at most 63 characters");
    }
    return value;
  }
}
