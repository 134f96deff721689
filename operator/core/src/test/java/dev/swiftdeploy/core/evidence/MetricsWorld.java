package dev.swiftdeploy.core.evidence;

import java.time.Instant;

/** Where a {@link MetricsSource} is tested: services that it can reach, and a time. */
public interface MetricsWorld extends AutoCloseable {
  /** The source, which sees the services of this world. */
  MetricsSource source();

  /** A service that is some minutes old and listens nowhere yet. */
  FakeService service();

  /** Lets a service listen, at an address of its own. */
  String listen(FakeService service);

  /** Nothing listens there any more. */
  void stop(String address);

  Instant now();

  /** Lets some time pass, in which watched instances may be read; called again and again. */
  void step();

  @Override
  void close();
}
