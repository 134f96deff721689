package dev.swiftdeploy.app;

import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.time.Duration;

/**
 * What the body of {@code POST /chaos} asks for: either it can be carried out, or it says why not.
 */
sealed interface ChaosOrder {

  /** The shortest delay that may be ordered: a clock tick, since none at all is no chaos. */
  double MIN_DELAY_SECONDS = 0.001;

  /** The longest delay that may be ordered, in seconds. */
  double MAX_DELAY_SECONDS = 60;

  /** An order to carry out. */
  record Accepted(Chaos chaos) implements ChaosOrder {}

  /** A body that is no order; the reason is for whoever sent it. */
  record Rejected(String reason) implements ChaosOrder {}

  /**
   * Reads {@code {"mode":"slow","duration":SECONDS}}, {@code {"mode":"error","rate":SHARE}} or
   * {@code {"mode":"recover"}}. Keys that a mode has no use for are ignored.
   */
  static ChaosOrder parse(String body) {
    JsonNode order;
    try {
      order = Json.MAPPER.readTree(body);
    } catch (JsonProcessingException e) {
      JsonLocation at = e.getLocation();
      return new Rejected(
          at == null
              ? "the body is not JSON"
              : "the body is not JSON: line %d, column %d"
                  .formatted(at.getLineNr(), at.getColumnNr()));
    }
    if (!order.isObject()) {
      return new Rejected("the body must be a JSON object such as {\"mode\":\"recover\"}");
    }
    JsonNode mode = order.path("mode");
    if (!mode.isTextual()) {
      return new Rejected("mode must be given, as one of the strings slow, error, recover");
    }
    return switch (mode.textValue()) {
      case "slow" -> slow(order.path("duration"));
      case "error" -> error(order.path("rate"));
      case "recover" -> new Accepted(Chaos.NONE);
      default -> new Rejected("mode must be one of slow, error, recover");
    };
  }

  private static ChaosOrder slow(JsonNode duration) {
    double seconds = duration.doubleValue();
    if (!duration.isNumber() || !(seconds >= MIN_DELAY_SECONDS && seconds <= MAX_DELAY_SECONDS)) {
      return new Rejected(
          "mode slow needs duration: a number of seconds, from %s to %.0f"
              .formatted(MIN_DELAY_SECONDS, MAX_DELAY_SECONDS));
    }
    return new Accepted(new Chaos.Slow(Duration.ofNanos(Math.round(seconds * 1e9))));
  }

  private static ChaosOrder error(JsonNode rate) {
    double share = rate.doubleValue();
    if (!rate.isNumber() || !(share >= 0 && share <= 1)) {
      return new Rejected("mode error needs rate: the share of requests to fail, from 0 to 1");
    }
    return new Accepted(new Chaos.Failing(share));
  }
}
