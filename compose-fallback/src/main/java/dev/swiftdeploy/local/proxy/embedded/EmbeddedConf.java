package dev.swiftdeploy.local.proxy.embedded;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.adapters.proxy.ProxyConfigJson;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.ResourceName;
import java.util.Optional;

/**
 * The embedded proxy's configuration file, proxy.json. Pure, as {@code NginxConf} is.
 *
 * @param text the whole file
 * @param digest SHA-256 of the text
 */
public record EmbeddedConf(String text, String digest) {

  public static EmbeddedConf render(ProxyConfig config, ListenAddress listen) {
    return of(
        """
        {
          "generated": "by SwiftDeploy for %s; changes to this file are noticed and undone",
          "route": "%s",
          "listen": "%s",
          "config": %s
        }
        """
            .formatted(
                ResourceName.of(config.settings().service()),
                config.route().label(),
                listen.host(),
                ProxyConfigJson.write(config)));
  }

  public static EmbeddedConf of(String text) {
    return new EmbeddedConf(text, Digests.sha256(text));
  }

  /** What it was rendered from; empty if it is not, byte for byte, such a rendering. */
  public Optional<ProxyConfig> renderedFrom(ListenAddress listen) {
    try {
      return Optional.of(config()).filter(config -> render(config, listen).equals(this));
    } catch (InvalidValue e) {
      return Optional.empty();
    }
  }

  /** Throws {@link InvalidValue} if there is none. */
  ProxyConfig config() {
    return ProxyConfigJson.read(tree().path("config").toString());
  }

  /** The address to listen on. */
  String host() {
    return tree().path("listen").asText();
  }

  private JsonNode tree() {
    try {
      return new JsonMapper().readTree(text);
    } catch (JsonProcessingException e) {
      throw new InvalidValue(
          "not a configuration of the embedded proxy: " + e.getOriginalMessage());
    }
  }
}
