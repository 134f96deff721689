package dev.swiftdeploy.core.spec;

import com.fasterxml.jackson.annotation.JsonValue;

/** A value that is one checked string: it prints, compares and serializes as that string. */
public interface TextValue {
  @JsonValue
  String value();
}
