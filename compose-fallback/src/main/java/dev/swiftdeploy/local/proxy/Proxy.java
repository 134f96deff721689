package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.spec.Port;
import java.util.Optional;

/**
 * A reverse proxy on this machine: a process of its own that outlives the daemon. Implementations
 * pass {@code ProxyContract}.
 */
public interface Proxy {
  /** {@code nginx} or {@code embedded}. */
  String name();

  /** What runs now; quick, changes nothing. */
  Observed observe();

  /**
   * Checks the configuration, makes it the active one, starts the proxy if none runs, and returns
   * when new connections are served by it. Requests in flight go on under the configuration they
   * came in with, for at most the drain timeout. The same configuration again is no change.
   *
   * @throws dev.swiftdeploy.core.platform.PlatformException if it is refused; the last one goes on
   */
  void apply(ProxyConfig config);

  /**
   * Checks a configuration as {@link #apply} would, and changes nothing that runs.
   *
   * @throws dev.swiftdeploy.core.platform.PlatformException if it would be refused
   */
  void check(ProxyConfig config);

  /**
   * Checks that the published port can be had: nobody has it, or this proxy does.
   *
   * @throws dev.swiftdeploy.core.platform.PlatformException if it can't, naming who has it
   */
  void requireFree(Port port);

  /**
   * Stops taking connections, lets requests in flight end within the drain timeout, ends the proxy.
   * Quick: to be called again until {@link #observe} sees nothing. None running is no error.
   */
  void remove();

  /**
   * What a proxy does now.
   *
   * @param running its process lives and answers
   * @param config the active configuration, as given to {@link Proxy#apply}; empty if none is
   *     active or what is active isn't what was rendered (edited by hand)
   * @param draining requests that came in under an earlier configuration are still in flight
   * @param detail for people, where something is wrong
   */
  record Observed(
      boolean running, Optional<ProxyConfig> config, boolean draining, Optional<String> detail) {
    /** There is no proxy. */
    public static final Observed NOTHING =
        new Observed(false, Optional.empty(), false, Optional.empty());

    /** One that is there, and does not do as it should. */
    public static Observed trouble(boolean running, boolean draining, String detail) {
      return new Observed(running, Optional.empty(), draining, Optional.of(detail));
    }
  }
}
