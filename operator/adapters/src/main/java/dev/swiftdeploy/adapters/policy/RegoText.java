package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Values as a compiled policy dumps them (JSON, and sets as <code>{1,2}</code>, in no order), read
 * to be printed as OPA prints them to people: in Rego's order, with a space after each comma and
 * colon.
 */
final class RegoText {
  /** In Rego's order of types. */
  enum Type {
    NULL,
    BOOLEAN,
    NUMBER,
    STRING,
    ARRAY,
    OBJECT,
    SET
  }

  /**
   * One value.
   *
   * @param literal of what has no parts: as dumped; a string's characters, without quotes
   * @param parts elements; an object's keys and values in turn
   */
  record Value(Type type, String literal, List<Value> parts) implements Comparable<Value> {
    @Override
    public int compareTo(Value other) {
      if (type != other.type) {
        return type.compareTo(other.type);
      }
      return switch (type) {
        case NULL -> 0;
        case BOOLEAN -> Boolean.compare(literal.equals("true"), other.literal.equals("true"));
        case NUMBER -> new BigDecimal(literal).compareTo(new BigDecimal(other.literal));
        case STRING ->
            compare(literal.codePoints().toArray(), other.literal.codePoints().toArray());
        case ARRAY, SET -> compare(parts, other.parts);
        case OBJECT -> {
          int keys = compare(keys(), other.keys());
          yield keys != 0 ? keys : compare(parts, other.parts);
        }
      };
    }

    private List<Value> keys() {
      List<Value> keys = new ArrayList<>();
      for (int i = 0; i < parts.size(); i += 2) {
        keys.add(parts.get(i));
      }
      return keys;
    }

    private static int compare(List<Value> a, List<Value> b) {
      for (int i = 0; i < Math.min(a.size(), b.size()); i++) {
        int compared = a.get(i).compareTo(b.get(i));
        if (compared != 0) {
          return compared;
        }
      }
      return Integer.compare(a.size(), b.size());
    }

    private static int compare(int[] a, int[] b) {
      return Arrays.compare(a, b);
    }

    /** As OPA prints it. */
    String printed() {
      return switch (type) {
        case NULL, BOOLEAN, NUMBER -> literal;
        case STRING -> GoFormat.quoted(literal);
        case ARRAY -> "[" + joined(false) + "]";
        case OBJECT -> "{" + joined(true) + "}";
        case SET -> parts.isEmpty() ? "set()" : "{" + joined(false) + "}";
      };
    }

    private String joined(boolean pairs) {
      StringBuilder joined = new StringBuilder();
      for (int i = 0; i < parts.size(); i++) {
        joined.append(i == 0 ? "" : pairs && i % 2 == 1 ? ": " : ", ");
        joined.append(parts.get(i).printed());
      }
      return joined.toString();
    }
  }

  private final String text;
  private int at;

  private RegoText(String text) {
    this.text = text;
  }

  /** Reads one dumped value. */
  static Value read(String dumped) {
    RegoText reader = new RegoText(dumped);
    Value value = reader.value();
    if (reader.next() != 0) {
      throw reader.unreadable();
    }
    return value;
  }

  private Value value() {
    char first = next();
    return switch (first) {
      case '"' -> new Value(Type.STRING, string(), List.of());
      case '[' -> array();
      case '{' -> objectOrSet();
      case 's' -> emptySet();
      case 't', 'f' -> new Value(Type.BOOLEAN, word(), List.of());
      case 'n' -> new Value(Type.NULL, word(), List.of());
      default -> new Value(Type.NUMBER, word(), List.of());
    };
  }

  private Value array() {
    at++;
    List<Value> elements = new ArrayList<>();
    while (next() != ']') {
      elements.add(value());
      separator(']');
    }
    at++;
    return new Value(Type.ARRAY, "", elements);
  }

  private Value objectOrSet() {
    at++;
    List<Value> keys = new ArrayList<>();
    Map<Value, Value> values = new HashMap<>();
    while (next() != '}') {
      Value key = value();
      keys.add(key);
      if (next() == ':') {
        at++;
        values.put(key, value());
      }
      separator('}');
    }
    at++;
    Collections.sort(keys);
    if (values.size() == keys.size()) {
      List<Value> parts = new ArrayList<>();
      keys.forEach(key -> parts.addAll(List.of(key, values.get(key))));
      return new Value(Type.OBJECT, "", parts);
    }
    return new Value(Type.SET, "", keys);
  }

  private Value emptySet() {
    if (!text.startsWith("set()", at)) {
      throw unreadable();
    }
    at += "set()".length();
    return new Value(Type.SET, "", List.of());
  }

  private void separator(char end) {
    if (next() == ',') {
      at++;
    } else if (next() != end) {
      throw unreadable();
    }
  }

  private String string() {
    int start = at++;
    while (at < text.length() && text.charAt(at) != '"') {
      at += text.charAt(at) == '\\' ? 2 : 1;
    }
    at++;
    try {
      return StrictJson.read(text.substring(start, Math.min(at, text.length()))).textValue();
    } catch (JsonProcessingException e) {
      throw unreadable();
    }
  }

  /** A number, true, false or null. */
  private String word() {
    int start = at;
    while (at < text.length() && " ,:]}".indexOf(text.charAt(at)) < 0) {
      at++;
    }
    if (at == start) {
      throw unreadable();
    }
    return text.substring(start, at);
  }

  /** What comes after white space; NUL at the end. */
  private char next() {
    while (at < text.length() && text.charAt(at) == ' ') {
      at++;
    }
    return at < text.length() ? text.charAt(at) : 0;
  }

  private IllegalArgumentException unreadable() {
    return new IllegalArgumentException("no value as OPA dumps it, at " + at);
  }
}
