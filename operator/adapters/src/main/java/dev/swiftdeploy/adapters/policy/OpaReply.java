package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.admission.Unavailability;
import dev.swiftdeploy.core.admission.Unavailability.Kind;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Reads what an OPA server answered to a question for data (openpolicyagent.org/docs/rest-api): a
 * document, or a failure by its own name. Whether the document is a decision is judged elsewhere.
 */
final class OpaReply {
  private static final int LONGEST_TEXT = 200;
  private static final String OPA = "look whether its URL leads to an OPA, and at its log";

  private OpaReply() {}

  /**
   * Reads one.
   *
   * @param status of HTTP
   * @param body whole
   * @param server how messages name it
   */
  static OpaClient.Outcome read(int status, byte[] body, String server) {
    if (status == 200) {
      return document(body, server);
    }
    String said = server + " answered " + status + told(body);
    if (status == 401 || status == 403) {
      return failed(
          Kind.UNAUTHORIZED, said, "give it a token that its policy lets read the decision");
    }
    if (status == 400 || status == 413) {
      return failed(
          Kind.INPUT_WARNING, said, "report this with the record: SwiftDeploy builds the input");
    }
    if (status >= 300 && status < 400) {
      return failed(
          Kind.SERVER_ERROR,
          said + ", and redirects are not followed",
          "name the server's own address as its URL");
    }
    return failed(Kind.SERVER_ERROR, said, OPA);
  }

  private static OpaClient.Outcome document(byte[] body, String server) {
    JsonNode reply;
    try {
      reply = StrictJson.read(body);
    } catch (JsonProcessingException e) {
      return failed(
          Kind.MALFORMED, server + " answered what is not JSON: " + StrictJson.why(e), OPA);
    }
    if (!reply.isObject()) {
      return failed(Kind.MALFORMED, server + " answered JSON that is no object", OPA);
    }
    if (reply.hasNonNull("warning")) {
      return failed(
          Kind.INPUT_WARNING,
          server + " warns: " + line(reply.path("warning").path("message").asText("of something")),
          "report this with the record: SwiftDeploy gives an input with every question");
    }
    if (!reply.has("result")) {
      return failed(
          Kind.UNDEFINED,
          server + " has no decision: data.swiftdeploy.admission.decision is undefined there",
          "load policies there that define it for every input");
    }
    return new OpaClient.Said(
        reply.get("result"), revisions(reply.path("provenance").path("bundles")));
  }

  private static SortedMap<String, String> revisions(JsonNode bundles) {
    SortedMap<String, String> revisions = new TreeMap<>();
    bundles
        .properties()
        .forEach(b -> revisions.put(b.getKey(), b.getValue().path("revision").asText("")));
    return revisions;
  }

  /** What OPA says of an error: {@code {"code", "message", "errors"}}; nothing if it isn't that. */
  private static String told(byte[] body) {
    try {
      JsonNode error = StrictJson.read(body);
      String detail = error.path("errors").path(0).path("message").asText("");
      String message = error.path("message").asText("");
      String both = detail.isEmpty() ? message : message + ": " + detail;
      return both.isEmpty() ? "" : ": " + line(both);
    } catch (JsonProcessingException e) {
      return "";
    }
  }

  private static String line(String text) {
    String line = text.lines().findFirst().orElse("").strip();
    return line.length() > LONGEST_TEXT ? line.substring(0, LONGEST_TEXT) + "…" : line;
  }

  private static OpaClient.Failed failed(Kind kind, String message, String nextStep) {
    return new OpaClient.Failed(new Unavailability(kind, message, nextStep));
  }
}
