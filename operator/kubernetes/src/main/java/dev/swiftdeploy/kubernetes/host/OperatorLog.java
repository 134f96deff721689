package dev.swiftdeploy.kubernetes.host;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Locale;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogManager;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * What the operator says, one line each on stderr: its own words, the events of its resources, and
 * warnings of the libraries below it. As JSON {@code {"time", "level", "reason", "namespace",
 * "resource", "message"}}, or as text for people.
 */
public final class OperatorLog {
  /**
   * Warns once for each API whose version is an alpha or a beta: as ours is, and is known to be.
   */
  private static final Logger VERSIONS =
      Logger.getLogger("io.fabric8.kubernetes.client.dsl.internal.VersionUsageUtils");

  private final PrintStream out;
  private final boolean json;

  /**
   * @param json one JSON object a line; else text
   */
  public OperatorLog(PrintStream out, boolean json) {
    this.out = out;
    this.json = json;
  }

  /** What libraries log from here on comes out here, from warnings up. */
  public void takeLibraries() {
    LogManager.getLogManager().reset();
    Logger root = Logger.getLogger("");
    root.setLevel(Level.WARNING);
    VERSIONS.setLevel(Level.SEVERE);
    root.addHandler(
        new Handler() {
          @Override
          public void publish(LogRecord record) {
            if (isLoggable(record)) {
              library(record);
            }
          }

          @Override
          public void flush() {}

          @Override
          public void close() {}
        });
  }

  /** The operator itself. */
  public void say(String reason, String message) {
    line(Instant.now(), "info", reason, null, null, message);
  }

  /** What keeps the operator from its work. */
  public void warn(String reason, String message) {
    line(Instant.now(), "warning", reason, null, null, message);
  }

  /** Of a resource. */
  public void event(KubernetesSite site, Event event) {
    line(
        event.at(),
        event.level() == Event.Level.DETAIL ? "debug" : word(event.level()),
        event.reason(),
        site.namespace(),
        site.resource().value(),
        event.message());
  }

  private static String word(Event.Level level) {
    return level == Event.Level.NORMAL ? "info" : "warning";
  }

  private void library(LogRecord record) {
    String name = String.valueOf(record.getLoggerName());
    StringWriter message = new StringWriter();
    message.append(new java.util.logging.SimpleFormatter().formatMessage(record));
    @Nullable Throwable thrown = record.getThrown();
    if (thrown != null) {
      message.append(": ");
      thrown.printStackTrace(new PrintWriter(message, true));
    }
    line(
        record.getInstant(),
        record.getLevel().getName().toLowerCase(Locale.ROOT),
        name.substring(name.lastIndexOf('.') + 1),
        null,
        null,
        message.toString().strip());
  }

  private void line(
      Instant at,
      String level,
      String reason,
      @Nullable String namespace,
      @Nullable String resource,
      String message) {
    out.println(
        json
            ? asJson(at, level, reason, namespace, resource, message)
            : asText(at, level, reason, namespace, resource, message));
  }

  private static String asJson(
      Instant at,
      String level,
      String reason,
      @Nullable String namespace,
      @Nullable String resource,
      String message) {
    ObjectNode line = Json.MAPPER.createObjectNode();
    line.put("time", at.truncatedTo(ChronoUnit.MILLIS).toString());
    line.put("level", level);
    line.put("reason", reason);
    if (resource != null) {
      line.put("namespace", namespace);
      line.put("resource", resource);
    }
    line.put("message", message);
    try {
      return Json.MAPPER.writeValueAsString(line);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON that can't be written", e);
    }
  }

  private static String asText(
      Instant at,
      String level,
      String reason,
      @Nullable String namespace,
      @Nullable String resource,
      String message) {
    String of = resource == null ? "" : namespace + "/" + resource + "  ";
    return at.truncatedTo(ChronoUnit.MILLIS)
        + " "
        + (level.equals("info") ? "" : level.toUpperCase(Locale.ROOT) + " ")
        + of
        + reason
        + ": "
        + message;
  }
}
