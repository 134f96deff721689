package dev.swiftdeploy.local.process;

import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.spec.Port;
import dev.swiftdeploy.local.proxy.Proxy;
import java.util.Optional;

/** Routes nothing, and remembers what it was told. */
final class InMemoryProxy implements Proxy {
  private Optional<ProxyConfig> config = Optional.empty();
  private int changes;

  @Override
  public String name() {
    return "memory";
  }

  @Override
  public Observed observe() {
    return config
        .map(c -> new Observed(true, Optional.of(c), false, Optional.empty()))
        .orElse(Observed.NOTHING);
  }

  @Override
  public void apply(ProxyConfig next) {
    if (!Optional.of(next).equals(config)) {
      changes++;
    }
    config = Optional.of(next);
  }

  @Override
  public void check(ProxyConfig next) {}

  @Override
  public void requireFree(Port port) {}

  @Override
  public void remove() {
    config = Optional.empty();
  }

  int changes() {
    return changes;
  }
}
