package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.local.daemon.DaemonLog;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.Locale;

/** Tells what happens on stderr: {@code 09:12:01 demo ADMITTED: deploy 3f2a… (decision …)}. */
final class ConsoleLog implements DaemonLog {
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final Terminal terminal;
  private final Clock clock;

  ConsoleLog(Terminal terminal, Clock clock) {
    this.terminal = terminal;
    this.clock = clock;
  }

  @Override
  public void event(ResourceName resource, Event event) {
    String message =
        switch (event.level()) {
          case DETAIL -> terminal.styled(Terminal.Style.DIM, "  " + event.message());
          case NORMAL -> event.message();
          case WARNING -> terminal.styled(Terminal.Style.YELLOW, event.message());
        };
    print(event.at(), resource + "  " + message);
  }

  @Override
  public void line(String text) {
    print(clock.instant(), text);
  }

  private void print(Instant at, String text) {
    String time = TIME.format(at.atZone(ZoneId.systemDefault()));
    terminal.talk(terminal.styled(Terminal.Style.DIM, time) + " " + text);
  }
}
