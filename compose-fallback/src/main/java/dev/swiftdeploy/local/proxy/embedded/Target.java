package dev.swiftdeploy.local.proxy.embedded;

import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;

/** The instances of one workload, which take turns. */
final class Target {
  /**
   * One instance.
   *
   * @param name for the log
   * @param uri its address, resolved when the configuration was taken, as nginx does
   */
  record Instance(String name, URI uri) {}

  private final List<Instance> instances;
  private final AtomicInteger turn = new AtomicInteger();

  private Target(List<Instance> instances) {
    this.instances = List.copyOf(instances);
  }

  /**
   * Looks the instances' addresses up.
   *
   * @param endpoints {@code host:port}
   * @throws UnknownHostException naming the endpoint, in the words of nginx
   */
  static Target of(List<String> endpoints) throws UnknownHostException {
    List<Instance> instances = new ArrayList<>();
    for (String endpoint : endpoints) {
      int colon = endpoint.lastIndexOf(':');
      String name = address(endpoint, endpoint.substring(0, colon)) + endpoint.substring(colon);
      instances.add(new Instance(name, URI.create("http://" + name)));
    }
    return new Target(instances);
  }

  private static String address(String endpoint, String host) throws UnknownHostException {
    for (InetAddress address : resolve(endpoint, host)) {
      if (address.getAddress().length == 4) {
        return address.getHostAddress();
      }
    }
    throw new UnknownHostException("no IPv4 address found for upstream \"" + endpoint + "\"");
  }

  private static InetAddress[] resolve(String endpoint, String host) throws UnknownHostException {
    try {
      return InetAddress.getAllByName(host);
    } catch (UnknownHostException e) {
      throw new UnknownHostException("host not found in upstream \"" + endpoint + "\"");
    }
  }

  /** All instances, the one whose turn it is first. */
  List<Instance> inTurn() {
    int first = Math.floorMod(turn.getAndIncrement(), instances.size());
    List<Instance> order = new ArrayList<>(instances.subList(first, instances.size()));
    order.addAll(instances.subList(0, first));
    return order;
  }
}
