package dev.swiftdeploy.adapters.proxy;

import dev.swiftdeploy.core.spec.InvalidValue;
import java.util.regex.Pattern;

/**
 * An absolute path that can stand between double quotes in nginx.conf: spaces are fine; quotes,
 * {@code \}, {@code $} (nginx would expand it) and control characters are not.
 */
public record NginxPath(String value) {
  private static final Pattern FORM = Pattern.compile("/[^\"'\\\\$\\p{Cntrl}]*");

  public NginxPath {
    if (!FORM.matcher(value).matches()) {
      throw new InvalidValue(
          "nginx can't be given a path with quotes, \\, $ or control characters: use another folder");
    }
  }

  public NginxPath resolve(String name) {
    return new NginxPath(value.endsWith("/") ? value + name : value + "/" + name);
  }

  @Override
  public String toString() {
    return value;
  }
}
