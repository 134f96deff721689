package dev.swiftdeploy.local.compose;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.ProxySelector;
import java.net.SocketAddress;
import java.net.URI;
import java.util.List;

/**
 * The way to instances: through the container {@code evidence}, at whichever port of this machine
 * the engine gave it last.
 */
public final class EvidenceWay extends ProxySelector {
  /** Nobody answers there: as good as no way. */
  private static final int NOWHERE = 1;

  private volatile int port = NOWHERE;

  void leadsTo(int now) {
    port = now;
  }

  void leadsNowhere() {
    port = NOWHERE;
  }

  @Override
  public List<Proxy> select(URI uri) {
    return List.of(
        new Proxy(Proxy.Type.HTTP, new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
  }

  @Override
  public void connectFailed(URI uri, SocketAddress address, IOException e) {
    // asked again, and then maybe at another port
  }
}
