import java.io.ByteArrayOutputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A steady load on a loopback port, or on HOST:PORT: {@code java Load.java PORT
 * REQUESTS_PER_SECOND SECONDS [ANSWERS]}. Each request has a connection of its own. Ends after SECONDS, or when its standard
 * input ends; then prints {@code sent=… failed=…} and how many answers came from each version. A
 * request that is not answered with 200 is told on stderr. ANSWERS is a file for a line for each
 * answer, {@code SENT_AT VERSION MODE}, the time in milliseconds since 1970.
 */
public final class Load {
  private static final Pattern VERSION = Pattern.compile("\"version\" ?: ?\"([^\"]*)\"");
  private static final Pattern MODE = Pattern.compile("\"mode\" ?: ?\"([^\"]*)\"");

  public static void main(String[] args) throws Exception {
    int colon = args[0].indexOf(':');
    InetSocketAddress target =
        new InetSocketAddress(
            colon < 0 ? "127.0.0.1" : args[0].substring(0, colon),
            Integer.parseInt(args[0].substring(colon + 1)));
    int perSecond = Integer.parseInt(args[1]);
    int seconds = Math.min(86_400, Integer.parseInt(args[2]));
    AtomicInteger sent = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    Map<String, Integer> versions = new TreeMap<>();
    PrintStream answers =
        args.length > 3
            ? new PrintStream(new FileOutputStream(args[3], true), true, StandardCharsets.UTF_8)
            : new PrintStream(OutputStream.nullOutputStream(), true, StandardCharsets.UTF_8);
    ScheduledExecutorService clock = Executors.newScheduledThreadPool(16);
    clock.scheduleAtFixedRate(
        () -> clock.execute(() -> ask(target, sent, failed, versions, answers)),
        0,
        1_000_000 / perSecond,
        TimeUnit.MICROSECONDS);
    Thread input =
        new Thread(
            () -> {
              try {
                while (System.in.read() >= 0) {}
              } catch (java.io.IOException e) {
                return;
              }
              clock.shutdown();
            });
    input.setDaemon(true);
    input.start();
    if (!clock.awaitTermination(seconds, TimeUnit.SECONDS)) {
      clock.shutdown();
    }
    clock.awaitTermination(40, TimeUnit.SECONDS);
    System.out.println("sent=" + sent + " failed=" + failed + " versions=" + versions);
  }

  private static void ask(
      InetSocketAddress target,
      AtomicInteger sent,
      AtomicInteger failed,
      Map<String, Integer> versions,
      PrintStream answers) {
    long sentAt = System.currentTimeMillis();
    sent.incrementAndGet();
    String answer = "";
    try (Socket socket = new Socket()) {
      socket.connect(target, 5_000);
      socket.setSoTimeout(35_000);
      socket
          .getOutputStream()
          .write(
              "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
                  .getBytes(StandardCharsets.US_ASCII));
      ByteArrayOutputStream bytes = new ByteArrayOutputStream();
      InputStream in = socket.getInputStream();
      in.transferTo(bytes);
      answer = bytes.toString(StandardCharsets.UTF_8);
    } catch (java.io.IOException e) {
      answer = String.valueOf(e);
    }
    if (!answer.startsWith("HTTP/1.1 200")) {
      failed.incrementAndGet();
      System.err.println(Instant.now() + " " + answer.lines().findFirst().orElse("empty answer"));
      return;
    }
    String version = found(VERSION, answer);
    answers.println(sentAt + " " + version + " " + found(MODE, answer));
    synchronized (versions) {
      versions.merge(version, 1, Integer::sum);
    }
  }

  private static String found(Pattern pattern, String answer) {
    Matcher matcher = pattern.matcher(answer);
    return matcher.find() ? matcher.group(1) : "?";
  }
}
