package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.spec.Contact;
import dev.swiftdeploy.core.spec.HeaderName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Duration;
import java.util.Optional;

/**
 * The proxy's admitted settings; everything of a route but the weights.
 *
 * @param service the resource's name, shown in the proxy's error bodies
 * @param canaryHeader a request whose header of this name says {@code canary} goes to the candidate
 */
public record ProxySettings(
    String service,
    ImageReference image,
    Port port,
    Duration proxyTimeout,
    Duration drainTimeout,
    Optional<Contact> contact,
    Optional<HeaderName> canaryHeader,
    Spec.Network network) {

  public static ProxySettings of(String service, Spec spec) {
    Spec.Nginx nginx = spec.nginx();
    return new ProxySettings(
        service,
        nginx.image(),
        nginx.port(),
        nginx.proxyTimeout(),
        nginx.drainTimeout(),
        nginx.contact(),
        spec.canary().header(),
        spec.network());
  }
}
