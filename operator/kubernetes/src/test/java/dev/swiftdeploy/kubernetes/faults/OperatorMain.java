package dev.swiftdeploy.kubernetes.faults;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.host.OperatorProcess;
import dev.swiftdeploy.kubernetes.operator.Operators;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * An operator that is a process of its own: {@code NAMESPACE IDENTITY LEASE_MILLIS POLICIES CACHE
 * [ORDER]}. Orders come from stdin, too, and are answered with a line: {@code SIGNAL POINT PASS}
 * sends this process that signal when it passes that point so often. It ends with its stdin.
 */
final class OperatorMain {
  private OperatorMain() {}

  /** Where it is to be signalled. */
  private static final class Ordered implements CrashPoints {
    private List<String> order = List.of();
    private int left;

    private synchronized void take(String line) {
      order = List.of(line.split(" "));
      left = Integer.parseInt(order.get(2));
    }

    @Override
    public synchronized void at(CrashPoint passed) {
      if (!order.isEmpty() && passed == CrashPoint.valueOf(order.get(1)) && --left == 0) {
        String signal = order.get(0);
        order = List.of();
        send(signal);
      }
    }

    private static void send(String signal) {
      try {
        String own = Long.toString(ProcessHandle.current().pid());
        new ProcessBuilder("kill", "-" + signal, own).start().waitFor();
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }
  }

  public static void main(String[] args) throws InterruptedException, IOException {
    Ordered ordered = new Ordered();
    if (args.length > 5) {
      ordered.take(args[5]);
    }
    Thread orders = new Thread(() -> read(ordered), "orders");
    orders.setDaemon(true);
    orders.start();
    PolicyArchive used = new PolicyArchive(Files.createTempDirectory(Path.of("target"), "used"));
    OperatorProcess process =
        Operators.keeping(
            args[0],
            new EmbeddedPolicyEngine(
                Path.of(args[3]),
                EmbeddedPolicyEngine.Options.DEFAULTS
                    .withCache(Path.of(args[4]))
                    .withArchive(used)),
            used,
            ApiClients.config(Optional.empty()),
            args[1],
            Duration.ofMillis(Long.parseLong(args[2])),
            ordered);
    Runtime.getRuntime().halt(process.await() ? 0 : 1);
  }

  private static void read(Ordered ordered) {
    try (BufferedReader in =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        ordered.take(line);
        System.out.println("taken");
      }
    } catch (IOException e) {
      System.err.println(e);
    }
    Runtime.getRuntime().halt(2);
  }
}
