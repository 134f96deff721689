package dev.swiftdeploy.adapters.proxy;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Port;
import java.util.regex.Pattern;

/**
 * Where a proxy reaches one instance.
 *
 * @param host an IPv4 address or a DNS-1123 name, at most 253 characters
 */
public record Endpoint(String host, Port port) {
  private static final int MAX_LENGTH = 253;
  private static final Pattern FORM =
      Pattern.compile("[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?)*");

  public Endpoint {
    if (host.length() > MAX_LENGTH || !FORM.matcher(host).matches()) {
      throw new InvalidValue("an endpoint's host is an IPv4 address or a DNS-1123 name");
    }
  }

  @Override
  public String toString() {
    return host + ":" + port;
  }
}
