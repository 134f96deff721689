package dev.swiftdeploy.adapters.proxy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.swiftdeploy.core.spec.InvalidValue;

/** A {@link ProxyConfig} as one line of JSON, as it stands in generated files. */
public final class ProxyConfigJson {
  private static final JsonMapper MAPPER =
      JsonMapper.builder()
          .addModule(new Jdk8Module())
          .addModule(new JavaTimeModule())
          .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  private ProxyConfigJson() {}

  public static String write(ProxyConfig config) {
    try {
      return MAPPER.writeValueAsString(config);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a proxy configuration is always JSON", e);
    }
  }

  /** Reads one back; throws {@link InvalidValue} if it is not one. */
  public static ProxyConfig read(String json) {
    try {
      return MAPPER.readValue(json, ProxyConfig.class);
    } catch (JsonProcessingException e) {
      throw new InvalidValue("not a proxy configuration: " + e.getOriginalMessage());
    }
  }
}
