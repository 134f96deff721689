package dev.swiftdeploy.adapters.proxy;

/** Who can reach a proxy's port. */
public enum ListenAddress {
  /** This machine only. */
  LOOPBACK("127.0.0.1"),
  /** Whoever reaches one of this machine's (or container's) IPv4 addresses. */
  EVERYWHERE("0.0.0.0");

  private final String host;

  ListenAddress(String host) {
    this.host = host;
  }

  /** The IPv4 address to bind. */
  public String host() {
    return host;
  }
}
