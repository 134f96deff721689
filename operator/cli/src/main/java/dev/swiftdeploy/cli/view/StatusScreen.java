package dev.swiftdeploy.cli.view;

import dev.swiftdeploy.core.status.Status;
import java.time.Instant;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jline.utils.AttributedString;

/** All that a status shows: pure, from what was seen, the time, and the terminal's size. */
public final class StatusScreen {
  /** No line is cut or wrapped. */
  private static final int UNBOUNDED = 10_000;

  private static final int LEAST_DECISIONS = 3;
  private static final int MOST_DECISIONS = 10;
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("HH:mm:ss", Locale.ROOT);

  private final Seen seen;
  private final Instant now;
  private final ZoneId zone;

  private StatusScreen(Seen seen, Instant now, ZoneId zone) {
    this.seen = seen;
    this.now = now;
    this.zone = zone;
  }

  /**
   * What there is to show.
   *
   * @param problems each with what it is of: {@code manifest: …}
   * @param host what delivers: {@code daemon: process 4711 …}, or that there is none
   */
  public record Seen(List<Status> resources, List<String> problems, String host) {}

  /** Everything, in lines of any length. */
  public static List<AttributedString> whole(Seen seen, Instant now, ZoneId zone) {
    StatusScreen screen = new StatusScreen(seen, now, zone);
    List<AttributedString> lines = screen.body(UNBOUNDED, MOST_DECISIONS);
    lines.addAll(screen.problems());
    lines.add(Text.plain(seen.host()));
    return lines;
  }

  /**
   * What has room: at most {@code height} lines of at most {@code width} columns.
   *
   * @param width at least 1
   * @param height at least 1
   */
  public static List<AttributedString> fitted(
      Seen seen, Instant now, ZoneId zone, int width, int height) {
    StatusScreen screen = new StatusScreen(seen, now, zone);
    List<AttributedString> lines = new ArrayList<>(screen.problems());
    int others = lines.size() + screen.body(width, 0).size() + 1;
    int decisions = Math.max(LEAST_DECISIONS, Math.min(MOST_DECISIONS, height - others));
    lines.addAll(screen.body(width, decisions));
    int room = Math.max(0, height - 1);
    if (lines.size() > room) {
      int more = lines.size() - room + 1;
      lines = new ArrayList<>(lines.subList(0, Math.max(0, room - 1)));
      if (room > 0) {
        lines.add(Text.of(Text.DIM, "  … " + more + " more lines"));
      }
    }
    lines.add(screen.foot());
    return lines.stream().map(line -> Text.clip(line, width)).toList();
  }

  private List<AttributedString> body(int width, int decisions) {
    List<AttributedString> lines = new ArrayList<>();
    for (Status status : seen.resources()) {
      StatusView view = new StatusView(status, now, zone, width);
      if (!lines.isEmpty()) {
        lines.add(AttributedString.EMPTY);
      }
      lines.addAll(view.urgent());
      lines.addAll(view.decisions(decisions));
      lines.addAll(view.details());
    }
    return lines;
  }

  private List<AttributedString> problems() {
    return seen.problems().stream()
        .map(
            p -> {
              int subject = p.indexOf(' ') + 1;
              return Text.join(
                  Text.of(Text.RED, p.substring(0, subject)), Text.plain(p.substring(subject)));
            })
        .toList();
  }

  private AttributedString foot() {
    return Text.of(Text.DIM, TIME.format(now.atZone(zone)) + "  q quits  " + seen.host());
  }
}
