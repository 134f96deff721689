package dev.swiftdeploy.local.proxy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.OptionalInt;
import java.util.Set;

/** Ports that an instance can listen on. */
public final class FreePort {
  private static final int TRIED = 2000;
  private static final int LAST = 65535;

  private FreePort() {}

  /** The one that was had before, if it can be had still; else the first one from there upward. */
  public static OptionalInt keeping(OptionalInt before, int first, Set<Integer> taken) {
    boolean still =
        before.isPresent() && !taken.contains(before.getAsInt()) && isFree(before.getAsInt());
    return still ? before : from(first, taken);
  }

  /** The first one from here upward that is not taken; empty if none of many is. */
  public static OptionalInt from(int first, Set<Integer> taken) {
    for (int port = first; port <= Math.min(LAST, first + TRIED); port++) {
      if (!taken.contains(port) && isFree(port)) {
        return OptionalInt.of(port);
      }
    }
    return OptionalInt.empty();
  }

  /** Free on every address: a service may listen on all, or on the loopback one only. */
  public static boolean isFree(int port) {
    return binds(new InetSocketAddress(port))
        && binds(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
  }

  private static boolean binds(InetSocketAddress address) {
    try (ServerSocket socket = new ServerSocket()) {
      socket.setReuseAddress(true); // connections that linger from before don't matter
      socket.bind(address);
      return true;
    } catch (IOException e) {
      return false;
    }
  }
}
