package dev.swiftdeploy.app;

import com.fasterxml.jackson.databind.node.ObjectNode;

/**
 * An answer, before it is put on the wire.
 *
 * @param allow the header {@code Allow}; empty for none
 */
record Reply(int status, String contentType, String allow, String body) {

  static Reply json(int status, ObjectNode body) {
    return new Reply(status, "application/json", "", Json.text(body));
  }

  /** An answer that says what is wrong, and why or what to do about it. */
  static Reply problem(int status, String error, String reason) {
    return json(status, Json.object().put("error", error).put("reason", reason));
  }

  Reply withAllow(String methods) {
    return new Reply(status, contentType, methods, body);
  }
}
