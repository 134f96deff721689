package dev.swiftdeploy.adapters.policy;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.math.MathContext;
import java.math.RoundingMode;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;

/**
 * Rego's {@code sprintf} as OPA 1.22 does it, with Go's package fmt: the one built-in that a
 * compiled policy asks its host for. No locale has a say.
 *
 * <p>Explicit argument indexes, {@code *} and the verbs {@code b o O U c} are not there: a policy
 * that uses one fails, rather than telling a person something else than OPA would.
 */
final class GoFormat {
  static final String BUILTIN = "sprintf";

  private final String format;
  private final StringBuilder out = new StringBuilder();
  private int at;

  private boolean plus;
  private boolean minus;
  private boolean space;
  private boolean sharp;
  private boolean zero;
  private int width;
  private int precision;

  private GoFormat(String format) {
    this.format = format;
  }

  /**
   * Formats.
   *
   * @param args an array as {@link RegoText} reads it
   */
  static String sprintf(String format, String args) {
    return new GoFormat(format).print(Arg.all(args));
  }

  // ---- Go's doPrintf ----------------------------------------------------------------

  private String print(List<Arg> args) {
    int next = 0;
    while (at < format.length()) {
      int percent = format.indexOf('%', at);
      out.append(format, at, percent < 0 ? format.length() : percent);
      if (percent < 0) {
        break;
      }
      at = percent + 1;
      readFlags();
      if (at >= format.length()) {
        out.append("%!(NOVERB)");
        break;
      }
      int verb = format.codePointAt(at);
      at += Character.charCount(verb);
      if (verb == '%') {
        out.append('%');
      } else if (next >= args.size()) {
        out.append("%!").appendCodePoint(verb).append("(MISSING)");
      } else {
        if (verb == 'v') {
          if (sharp) {
            throw lacking("%#v");
          }
          plus = false; // asks for names of fields, and there are none
        }
        args.get(next++).print(this, verb);
      }
    }
    if (next < args.size()) {
      printExtra(args.subList(next, args.size()));
    }
    return out.toString();
  }

  private void readFlags() {
    plus = minus = space = sharp = zero = false;
    for (; at < format.length(); at++) {
      switch (format.charAt(at)) {
        case '+' -> plus = true;
        case '-' -> minus = true;
        case ' ' -> space = true;
        case '#' -> sharp = true;
        case '0' -> zero = true;
        default -> {
          width = readNumber();
          precision = -1;
          if (at < format.length() && format.charAt(at) == '.') {
            at++;
            precision = Math.max(readNumber(), 0);
          }
          if (at < format.length() && (format.charAt(at) == '*' || format.charAt(at) == '[')) {
            throw lacking("" + format.charAt(at));
          }
          return;
        }
      }
    }
  }

  private int readNumber() {
    int number = -1;
    for (; at < format.length() && isDigit(format.charAt(at)); at++) {
      number = Math.max(number, 0) * 10 + format.charAt(at) - '0';
      if (number > 1000) {
        throw lacking("a width or precision above 1000");
      }
    }
    return number;
  }

  private void printExtra(List<Arg> extra) {
    plus = minus = space = sharp = zero = false;
    width = precision = -1;
    out.append("%!(EXTRA ");
    for (int i = 0; i < extra.size(); i++) {
      out.append(i == 0 ? "" : ", ").append(extra.get(i).goType()).append('=');
      extra.get(i).print(this, 'v');
    }
    out.append(')');
  }

  private void badVerb(Arg arg, int verb) {
    out.append("%!").appendCodePoint(verb).append('(').append(arg.goType()).append('=');
    arg.print(this, 'v');
    out.append(')');
  }

  private static UnsupportedOperationException lacking(String what) {
    return new UnsupportedOperationException(
        "the policy calls sprintf with " + what + ", which the embedded engine lacks");
  }

  // ---- the three types that OPA hands to Go -----------------------------------------

  private sealed interface Arg permits Whole, Fraction, Text {
    String goType();

    void print(GoFormat to, int verb);

    static List<Arg> all(String array) {
      RegoText.Value args = RegoText.read(array);
      if (args.type() != RegoText.Type.ARRAY) {
        throw new IllegalArgumentException("sprintf: operand 2 must be an array");
      }
      return args.parts().stream().map(Arg::of).toList();
    }

    private static Arg of(RegoText.Value value) {
      return switch (value.type()) {
        case NUMBER -> number(value.literal());
        case STRING -> new Text(value.literal());
        default -> new Text(value.printed());
      };
    }

    private static Arg number(String literal) {
      if (literal.chars().noneMatch(c -> c == '.' || c == 'e' || c == 'E')) {
        return new Whole(new BigInteger(literal));
      }
      double number = Double.parseDouble(literal);
      return Double.isFinite(number) ? new Fraction(number) : new Text(literal);
    }
  }

  private record Whole(BigInteger value) implements Arg {
    private boolean big() {
      return value.bitLength() > 63;
    }

    @Override
    public String goType() {
      return big() ? "*big.Int" : "int64";
    }

    @Override
    public void print(GoFormat to, int verb) {
      switch (verb) {
        case 'v', 'd' -> to.integer(value, 10, false);
        case 'x' -> to.integer(value, 16, false);
        case 'X' -> to.integer(value, 16, true);
        case 'b', 'o', 'O', 'U', 'c', 'q' -> throw lacking("%" + (char) verb + " of a number");
        default -> {
          if (big()) {
            throw lacking("%" + Character.toString(verb) + " of a large number");
          }
          to.badVerb(this, verb);
        }
      }
    }
  }

  private record Fraction(double value) implements Arg {
    @Override
    public String goType() {
      return "float64";
    }

    @Override
    public void print(GoFormat to, int verb) {
      switch (verb) {
        case 'v' -> to.number(value, 'g', -1);
        case 'g', 'G' -> to.number(value, (char) verb, -1);
        case 'e', 'E', 'f' -> to.number(value, (char) verb, 6);
        case 'F' -> to.number(value, 'f', 6);
        case 'b', 'x', 'X' -> throw lacking("%" + (char) verb + " of a number");
        default -> to.badVerb(this, verb);
      }
    }
  }

  private record Text(String value) implements Arg {
    @Override
    public String goType() {
      return "string";
    }

    @Override
    public void print(GoFormat to, int verb) {
      switch (verb) {
        case 'v', 's' -> to.pad(to.truncated(value));
        case 'q' -> {
          if (to.sharp || to.plus) {
            throw lacking("%#q or %+q");
          }
          to.pad(quoted(to.truncated(value)));
        }
        case 'x', 'X' -> {
          if (to.sharp || to.space || to.precision >= 0) {
            throw lacking("flags of %x");
          }
          HexFormat hex = verb == 'x' ? HexFormat.of() : HexFormat.of().withUpperCase();
          to.pad(hex.formatHex(value.getBytes(StandardCharsets.UTF_8)));
        }
        default -> to.badVerb(this, verb);
      }
    }
  }

  // ---- formatting ---------------------------------------------------------------------

  private void integer(BigInteger value, int base, boolean upper) {
    if (precision == 0 && value.signum() == 0) {
      pad("");
      return;
    }
    String digits = value.abs().toString(base);
    if (upper) {
      digits = digits.toUpperCase(Locale.ROOT);
    }
    String sign = value.signum() < 0 ? "-" : plus ? "+" : space ? " " : "";
    int least = precision;
    if (precision < 0 && zero && !minus) {
      least = width - sign.length();
    }
    digits = "0".repeat(Math.max(0, least - digits.length())) + digits;
    String prefix = sharp && base == 16 ? (upper ? "0X" : "0x") : "";
    boolean zeros = zero;
    zero = false;
    pad(sign + prefix + digits);
    zero = zeros;
  }

  /** Go's strconv.FormatFloat, then fmt's sign and padding. */
  private void number(double value, char verb, int defaultPrecision) {
    if (sharp) {
      throw lacking("%# of a number");
    }
    int digits = precision >= 0 ? precision : defaultPrecision;
    String magnitude =
        switch (verb) {
          case 'e', 'E' -> exponential(rounded(value, digits + 1), digits);
          case 'f' ->
              new BigDecimal(Math.abs(value))
                  .setScale(digits, RoundingMode.HALF_EVEN)
                  .toPlainString();
          default -> general(value, digits);
        };
    if (verb == 'E' || verb == 'G') {
      magnitude = magnitude.toUpperCase(Locale.ROOT);
    }
    boolean negative = Double.doubleToRawLongBits(value) < 0;
    String sign = negative ? "-" : plus ? "+" : space ? " " : "";
    if (zero && !minus && width > sign.length() + magnitude.length()) {
      out.append(sign)
          .append("0".repeat(width - sign.length() - magnitude.length()))
          .append(magnitude);
    } else {
      pad(sign + magnitude);
    }
  }

  private static String general(double value, int precision) {
    boolean shortest = precision < 0;
    int wanted = precision == 0 ? 1 : precision;
    BigDecimal decimal = (shortest ? shortest(value) : rounded(value, wanted)).stripTrailingZeros();
    int digits = decimal.signum() == 0 ? 1 : decimal.precision();
    int exponent = decimal.signum() == 0 ? 0 : decimal.precision() - decimal.scale() - 1;
    int most = wanted;
    if (most > digits && digits >= exponent + 1) {
      most = digits;
    }
    if (shortest) {
      most = 6;
    }
    if (exponent < -4 || exponent >= most) {
      return exponential(decimal, digits - 1);
    }
    return decimal.signum() == 0 ? "0" : decimal.toPlainString();
  }

  /** {@code d.ddde±dd} with so many digits after the point; the value has no more than that. */
  private static String exponential(BigDecimal value, int fraction) {
    boolean nothing = value.signum() == 0;
    String digits = nothing ? "0" : value.unscaledValue().toString();
    int exponent = nothing ? 0 : value.precision() - value.scale() - 1;
    digits = digits + "0".repeat(Math.max(0, fraction + 1 - digits.length()));
    return digits.charAt(0)
        + (fraction > 0 ? "." + digits.substring(1, fraction + 1) : "")
        + (exponent < 0 ? "e-" : "e+")
        + (Math.abs(exponent) < 10 ? "0" : "")
        + Math.abs(exponent);
  }

  private static BigDecimal rounded(double value, int digits) {
    return new BigDecimal(Math.abs(value)).round(new MathContext(digits, RoundingMode.HALF_EVEN));
  }

  /** The fewest digits that read back as the same number, the nearest such. */
  private static BigDecimal shortest(double value) {
    double magnitude = Math.abs(value);
    for (int digits = 1; digits < 17; digits++) {
      BigDecimal candidate = rounded(magnitude, digits);
      if (candidate.doubleValue() == magnitude) {
        return candidate;
      }
    }
    return rounded(magnitude, 17);
  }

  private String truncated(String text) {
    int length = text.codePointCount(0, text.length());
    return precision < 0 || precision >= length
        ? text
        : text.substring(0, text.offsetByCodePoints(0, precision));
  }

  private void pad(String text) {
    int missing = width - text.codePointCount(0, text.length());
    if (missing <= 0) {
      out.append(text);
    } else if (minus) {
      out.append(text).append(" ".repeat(missing));
    } else {
      out.append((zero ? "0" : " ").repeat(missing)).append(text);
    }
  }

  // ---- strings in quotes ----------------------------------------------------------------

  /** Go's strconv.Quote. */
  static String quoted(String text) {
    StringBuilder quoted = new StringBuilder("\"");
    text.codePoints()
        .forEach(
            c -> {
              switch (c) {
                case '"' -> quoted.append("\\\"");
                case '\\' -> quoted.append("\\\\");
                case 7 -> quoted.append("\\a");
                case '\b' -> quoted.append("\\b");
                case '\f' -> quoted.append("\\f");
                case '\n' -> quoted.append("\\n");
                case '\r' -> quoted.append("\\r");
                case '\t' -> quoted.append("\\t");
                case 11 -> quoted.append("\\v");
                default -> quoted.append(printable(c) ? Character.toString(c) : escaped(c));
              }
            });
    return quoted.append('"').toString();
  }

  private static boolean printable(int c) {
    return switch (Character.getType(c)) {
      case Character.CONTROL,
          Character.FORMAT,
          Character.SURROGATE,
          Character.PRIVATE_USE,
          Character.UNASSIGNED,
          Character.LINE_SEPARATOR,
          Character.PARAGRAPH_SEPARATOR ->
          false;
      case Character.SPACE_SEPARATOR -> c == ' ';
      default -> true;
    };
  }

  private static String escaped(int c) {
    String hex = Integer.toHexString(c);
    return c < 0x80
        ? "\\x" + "0".repeat(2 - hex.length()) + hex
        : c < 0x10000
            ? "\\u" + "0".repeat(4 - hex.length()) + hex
            : "\\U" + "0".repeat(8 - hex.length()) + hex;
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }
}
