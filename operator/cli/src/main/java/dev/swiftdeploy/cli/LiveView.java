package dev.swiftdeploy.cli;

import dev.swiftdeploy.cli.view.Frame;
import dev.swiftdeploy.cli.view.StatusScreen;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneId;
import org.jline.terminal.Attributes;
import org.jline.terminal.Size;
import org.jline.terminal.TerminalBuilder;

/**
 * The status on a whole terminal, on its alternate screen. However it ends (q, Ctrl-C, SIGTERM, an
 * error) the terminal is as it was before.
 */
final class LiveView implements Watch {
  private static final int PAUSE_MILLIS = 250;
  private static final int CTRL_C = 3;
  private static final Size USUAL = new Size(80, 24);

  private final StatusSource source;
  private final Terminal terminal;
  private volatile boolean ended;
  private volatile boolean resized = true;
  private Size size = USUAL;
  private String shown = "";

  LiveView(StatusSource source, Terminal terminal) {
    this.source = source;
    this.terminal = terminal;
  }

  @Override
  public int run() throws IOException {
    StatusSource.Said first = source.now(false); // what fails at once is told where it can be read
    org.jline.terminal.Terminal opened;
    try {
      opened = open();
    } catch (IOException | IllegalStateException e) {
      terminal.talk("this terminal can't be drawn on (" + e.getMessage() + "): text instead");
      return new Stream(source, terminal, new Snapshots(terminal)).run();
    }
    try (source;
        org.jline.terminal.Terminal screen = opened) {
      Takeover takeover = new Takeover(screen);
      try {
        show(screen, takeover, first);
        while (!ended && goesOn(screen)) {
          show(screen, takeover, source.latest());
        }
      } finally {
        takeover.restore();
      }
    }
    return Exit.DONE;
  }

  private static org.jline.terminal.Terminal open() throws IOException {
    return TerminalBuilder.builder()
        .system(true)
        .dumb(false)
        .encoding(StandardCharsets.UTF_8)
        .nativeSignals(true)
        .build();
  }

  /** Waits a little for a key; whether the person stays. */
  private boolean goesOn(org.jline.terminal.Terminal screen) throws IOException {
    int key = screen.reader().read(PAUSE_MILLIS);
    return key != 'q' && key != 'Q' && key != CTRL_C && key != -1;
  }

  private void show(org.jline.terminal.Terminal screen, Takeover takeover, StatusSource.Said said) {
    if (resized) {
      resized = false;
      Size now = screen.getSize();
      size = now.getColumns() > 0 && now.getRows() > 0 ? now : USUAL;
      shown = "";
    }
    String frame =
        Frame.over(
            StatusScreen.fitted(
                said.seen(),
                Instant.now(),
                ZoneId.systemDefault(),
                size.getColumns(),
                size.getRows()),
            size.getColumns(),
            terminal.colour());
    if (!frame.equals(shown)) {
      takeover.write(frame);
      shown = frame;
    }
  }

  /** The terminal while it is ours. The JVM's end by a signal gives it back too. */
  private final class Takeover {
    private final org.jline.terminal.Terminal screen;
    private final Attributes before;
    private final Thread atExit = new Thread(this::giveBack, "terminal");
    private boolean given;

    Takeover(org.jline.terminal.Terminal screen) {
      this.screen = screen;
      screen.handle(org.jline.terminal.Terminal.Signal.INT, signal -> ended = true);
      screen.handle(org.jline.terminal.Terminal.Signal.WINCH, signal -> resized = true);
      screen.handle(org.jline.terminal.Terminal.Signal.CONT, signal -> resized = true);
      Runtime.getRuntime().addShutdownHook(atExit);
      this.before = screen.enterRawMode();
      write(Frame.ENTER);
    }

    synchronized void write(String text) {
      if (!given) {
        screen.writer().write(text);
        screen.writer().flush();
      }
    }

    private synchronized void giveBack() {
      if (!given) {
        write(Frame.LEAVE);
        given = true;
        screen.setAttributes(before);
      }
    }

    void restore() {
      giveBack();
      try {
        Runtime.getRuntime().removeShutdownHook(atExit);
      } catch (IllegalStateException e) {
        return; // the JVM is ending already
      }
    }
  }
}
