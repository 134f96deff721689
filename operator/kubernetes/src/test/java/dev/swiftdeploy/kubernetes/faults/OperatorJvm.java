package dev.swiftdeploy.kubernetes.faults;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.loop.CrashPoint;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A process that is an operator, and can be told where to end or to stand still. */
final class OperatorJvm implements AutoCloseable {
  private final Process process;
  private final String identity;
  private final BufferedReader answers;

  /**
   * Where a signal is to reach it.
   *
   * @param signal {@code KILL} or {@code STOP}
   * @param pass of the point, from 1
   */
  record Order(String signal, CrashPoint point, int pass) {
    private String line() {
      return signal + " " + point + " " + pass;
    }
  }

  private OperatorJvm(Process process, String identity) {
    this.process = process;
    this.identity = identity;
    this.answers = process.inputReader(StandardCharsets.UTF_8);
  }

  static OperatorJvm start(
      String namespace, String identity, Duration lease, Optional<Order> order) {
    return start(namespace, identity, lease, order, Map.of());
  }

  /**
   * Starts it; does not wait for anything.
   *
   * @param environment on top of this process's own
   */
  static OperatorJvm start(
      String namespace,
      String identity,
      Duration lease,
      Optional<Order> order,
      Map<String, String> environment) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:TieredStopAtLevel=1",
                "-XX:+UseSerialGC",
                "-Xmx128m",
                "-cp",
                System.getProperty(
                    "surefire.test.class.path", System.getProperty("java.class.path")),
                OperatorMain.class.getName(),
                namespace,
                identity,
                String.valueOf(lease.toMillis()),
                "../../policies",
                Path.of("target", "policy-cache").toAbsolutePath().toString()));
    order.map(Order::line).ifPresent(command::add);
    Path log = Path.of("target", "operators", namespace + "-" + identity + ".log");
    try {
      Files.createDirectories(log.getParent());
      ProcessBuilder builder =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()));
      builder.environment().putAll(environment);
      return new OperatorJvm(builder.start(), identity);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  String identity() {
    return identity;
  }

  /** From now on; false: it has ended. */
  boolean order(Order order) {
    try {
      process.outputWriter().write(order.line() + "\n");
      process.outputWriter().flush();
      return "taken".equals(answers.readLine());
    } catch (IOException e) {
      return false; // there is nobody to read it
    }
  }

  boolean runs() {
    return process.isAlive();
  }

  /** Whether it was stopped by a signal. */
  boolean stopped() {
    try {
      String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      return stat.substring(stat.lastIndexOf(')') + 2).startsWith("T");
    } catch (IOException e) {
      return false;
    }
  }

  void signal(String signal) {
    try {
      Process kill =
          new ProcessBuilder("kill", "-" + signal, String.valueOf(process.pid())).start();
      assertThat(kill.waitFor()).isZero();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Its exit code, once it has ended. */
  int exit() {
    try {
      assertThat(process.waitFor(30, TimeUnit.SECONDS)).as(identity + " ends").isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
