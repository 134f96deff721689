package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonCreator;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * An OCI image reference: {@code [registry[:port]/]path[:tag][@sha256:digest]}, as the grammar of
 * github.com/distribution/reference has it, at most 255 characters.
 */
public record ImageReference(String value) implements TextValue {
  private static final int MAX_LENGTH = 255;
  private static final String LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?";
  private static final String REGISTRY = "(?:" + LABEL + ")(?:\\." + LABEL + ")*(?::[0-9]{1,5})?/";
  private static final String SEGMENT = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*";
  private static final String TAG = ":[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";
  private static final String DIGEST = "@sha256:[a-f0-9]{64}";
  private static final Pattern FORM =
      Pattern.compile(
          "(?:%s)?%s(?:/%s)*(?:%s)?(?:%s)?".formatted(REGISTRY, SEGMENT, SEGMENT, TAG, DIGEST));

  public ImageReference {
    if (value.isEmpty() || value.length() > MAX_LENGTH || !FORM.matcher(value).matches()) {
      throw new InvalidValue(
          InvalidValue.quote(value)
              + " is not an image reference such as registry.example.com/team/app:1.2.3");
    }
  }

  /** Reads one from text; throws {@link InvalidValue} saying what is accepted. */
  @JsonCreator
  public static ImageReference of(String text) {
    return new ImageReference(text);
  }

  /** The tag, where one is written: {@code 1.2.3} of {@code team/app:1.2.3}. */
  public Optional<String> tag() {
    int end = value.indexOf('@');
    String name = end < 0 ? value : value.substring(0, end);
    int colon = name.indexOf(':', name.lastIndexOf('/') + 1);
    return colon < 0 ? Optional.empty() : Optional.of(name.substring(colon + 1));
  }

  @Override
  public String toString() {
    return value;
  }
}
