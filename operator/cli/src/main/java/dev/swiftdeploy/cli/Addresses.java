package dev.swiftdeploy.cli;

import java.net.InetSocketAddress;

/** Addresses to listen on, as a command line has them. */
final class Addresses {
  private static final int LARGEST_PORT = 65_535;

  private Addresses() {}

  /**
   * Reads {@code HOST:PORT}; without a host, all addresses of this machine.
   *
   * @param option that it is the value of
   * @param example what could be written there
   */
  static InetSocketAddress listening(String option, String address, String example) {
    int colon = address.lastIndexOf(':');
    String port = address.substring(colon + 1);
    if (colon < 0 || !port.matches("[0-9]{1,5}") || Integer.parseInt(port) > LARGEST_PORT) {
      throw new CommandFailure(
          Exit.USAGE, option + " " + address + " is not HOST:PORT", "write " + example);
    }
    String host = address.substring(0, colon);
    return host.isEmpty()
        ? new InetSocketAddress(Integer.parseInt(port))
        : new InetSocketAddress(host, Integer.parseInt(port));
  }
}
