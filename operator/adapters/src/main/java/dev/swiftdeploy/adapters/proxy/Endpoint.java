package dev.swiftdeploy.adapters.proxy;

import dev.swiftdeploy.core.spec.Port;

/**
 * Where a proxy reaches one instance.
 *
 * @param host an IPv4 address or a DNS-1123 name
 */
public record Endpoint(String host, Port port) {
  @Override
  public String toString() {
    return host + ":" + port;
  }
}
