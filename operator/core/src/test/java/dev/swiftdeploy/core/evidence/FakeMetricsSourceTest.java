package dev.swiftdeploy.core.evidence;

import dev.swiftdeploy.core.platform.VirtualClock;
import java.time.Duration;
import java.time.Instant;

class FakeMetricsSourceTest extends MetricsSourceContract {
  @Override
  protected MetricsWorld world() {
    VirtualClock clock = new VirtualClock();
    FakeMetricsSource source = new FakeMetricsSource(clock);
    return new MetricsWorld() {
      private int port = 3000;

      @Override
      public MetricsSource source() {
        return source;
      }

      @Override
      public FakeService service() {
        return new FakeService(clock, Duration.ofMinutes(5));
      }

      @Override
      public String listen(FakeService service) {
        String address = "127.0.0.1:" + port++;
        source.serve(address, service);
        return address;
      }

      @Override
      public void stop(String address) {
        source.stop(address);
      }

      @Override
      public Instant now() {
        return clock.instant();
      }

      @Override
      public void step() {
        clock.advance(Duration.ofSeconds(1));
        source.tick();
      }

      @Override
      public void close() {}
    };
  }
}
