package dev.swiftdeploy.local.proxy.embedded;

import io.undertow.client.ClientCallback;
import io.undertow.client.ClientConnection;
import io.undertow.client.UndertowClient;
import io.undertow.server.HttpServerExchange;
import io.undertow.server.handlers.proxy.ProxyCallback;
import io.undertow.server.handlers.proxy.ProxyClient;
import io.undertow.server.handlers.proxy.ProxyConnection;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.xnio.OptionMap;
import org.xnio.Options;

/**
 * Connects a request to an instance of the workload that was chosen for it, trying one after the
 * other. Each request has a connection of its own: one that was kept could be closed by the service
 * just when a request is sent on it.
 */
final class Upstreams implements ProxyClient {
  private static final OptionMap OPTIONS = OptionMap.create(Options.TCP_NODELAY, true);

  /** Asked again for a second try; null then means that there is nothing left to try. */
  @Override
  public @Nullable ProxyTarget findTarget(HttpServerExchange exchange) {
    return flight(exchange).hasNext() ? NEXT : null;
  }

  private static final ProxyTarget NEXT = new ProxyTarget() {};

  @Override
  public List<ProxyTarget> getAllTargets() {
    return List.of();
  }

  @Override
  public void getConnection(
      ProxyTarget target,
      HttpServerExchange exchange,
      ProxyCallback<ProxyConnection> callback,
      long timeout,
      TimeUnit unit) {
    tryNext(exchange, callback);
  }

  private static void tryNext(
      HttpServerExchange exchange, ProxyCallback<ProxyConnection> callback) {
    Flight flight = flight(exchange);
    Optional<Target.Instance> instance = flight.next();
    if (instance.isEmpty()) {
      callback.couldNotResolveBackend(exchange);
      return;
    }
    UndertowClient.getInstance()
        .connect(
            new ClientCallback<ClientConnection>() {
              @Override
              public void completed(ClientConnection connection) {
                if (flight.connected(connection)) {
                  callback.completed(exchange, new ProxyConnection(connection, "/"));
                }
              }

              @Override
              public void failed(IOException e) {
                tryNext(exchange, callback);
              }
            },
            instance.get().uri(),
            exchange.getIoThread(),
            exchange.getConnection().getByteBufferPool(),
            OPTIONS);
  }

  private static Flight flight(HttpServerExchange exchange) {
    return exchange.getAttachment(Flight.KEY);
  }
}
