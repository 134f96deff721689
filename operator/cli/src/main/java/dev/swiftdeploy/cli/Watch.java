package dev.swiftdeploy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.cli.view.Changes;
import dev.swiftdeploy.cli.view.Frame;
import dev.swiftdeploy.cli.view.StatusScreen;
import dev.swiftdeploy.core.audit.Json;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;

/** {@code status --watch}: shows each new status until there is nobody to show it to. */
interface Watch {
  /** The exit code, once a person ends it. */
  int run() throws IOException;

  static Watch on(StatusSource source, Terminal terminal, boolean json) {
    if (json) {
      return new Stream(source, terminal, said -> document(said));
    }
    if (Terminal.live()) {
      return new LiveView(source, terminal);
    }
    return new Stream(source, terminal, new Snapshots(terminal));
  }

  /** What a status is written as; empty where it is no news. */
  @FunctionalInterface
  interface Form {
    Optional<String> of(StatusSource.Said said);
  }

  private static Optional<String> document(StatusSource.Said said) {
    try {
      return Optional.of(Json.MAPPER.writeValueAsString(said.document()) + "\n");
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("status is always JSON", e);
    }
  }

  /** Text, whenever something else than a measured number has changed. */
  final class Snapshots implements Form {
    private final Terminal terminal;
    private String told = "";

    Snapshots(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Optional<String> of(StatusSource.Said said) {
      String news = Changes.of(said.seen());
      if (news.equals(told)) {
        return Optional.empty();
      }
      String gap = told.isEmpty() ? "" : "\n";
      told = news;
      Instant now = Instant.now();
      return Optional.of(
          gap
              + "--- "
              + now
              + "\n"
              + Frame.plain(
                  StatusScreen.whole(said.seen(), now, ZoneId.systemDefault()), terminal.colour()));
    }
  }

  /** One text after another, each different from the one before. */
  final class Stream implements Watch {
    private static final int PAUSE_MILLIS = 250;

    private final StatusSource source;
    private final Terminal terminal;
    private final Form form;
    private String written = "";

    Stream(StatusSource source, Terminal terminal, Form form) {
      this.source = source;
      this.terminal = terminal;
      this.form = form;
    }

    @Override
    public int run() throws IOException {
      try (source) {
        show(source.now(false));
        while (!terminal.closed()) {
          DaemonClient.pause(PAUSE_MILLIS);
          show(source.latest());
        }
        return Exit.DONE;
      }
    }

    private void show(StatusSource.Said said) {
      Optional<String> text = form.of(said).filter(t -> !t.equals(written));
      if (text.isPresent()) {
        written = text.get();
        terminal.data(written);
      }
    }
  }
}
