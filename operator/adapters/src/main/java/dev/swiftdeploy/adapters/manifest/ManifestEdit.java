package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.ResourceName;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.yaml.snakeyaml.DumperOptions.FlowStyle;
import org.yaml.snakeyaml.DumperOptions.ScalarStyle;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeId;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;
import org.yaml.snakeyaml.scanner.ScannerImpl;
import org.yaml.snakeyaml.tokens.ScalarToken;
import org.yaml.snakeyaml.tokens.Token;

/**
 * Sets one value of a manifest by its position: every other byte stays, comments, quotes, line ends
 * and all. What comes out is read again, and answered with only if exactly that value changed.
 */
public final class ManifestEdit {
  private static final Set<String> NOT_SINGLE =
      Set.of(
          "services.command",
          "services.env",
          "services.resources",
          "canary.steps",
          "policy.thresholds");
  private static final Set<String> NO_TEXT =
      Set.of(
          "services.port",
          "services.replicas",
          "nginx.port",
          "canary.probe.requestsPerSecond",
          "paused");
  private static final int LONGEST = 1000;

  private final byte[] content;
  private final String file;
  private final Problems problems;
  private final ManifestText text;
  private final Declaration declaration;
  private final String path;
  private final String value;

  private ManifestEdit(
      byte[] content,
      String file,
      ManifestText text,
      Declaration declaration,
      String path,
      String value) {
    this.content = content;
    this.file = file;
    this.problems = new Problems(Structure.line(file));
    this.text = text;
    this.declaration = declaration;
    this.path = path;
    this.value = value;
  }

  /** What an edit gave. */
  public sealed interface Result {
    /** The whole new text, byte order mark and all; to be written as UTF-8. */
    record Edited(String text) implements Result {}

    /** Nothing can be changed so; at least one problem says why, and what to do by hand. */
    record Refused(List<Problem> problems) implements Result {
      public Refused {
        problems = List.copyOf(problems);
      }
    }
  }

  /** A part of the content to be replaced, in bytes. */
  private record Splice(int from, int to, String by) {}

  /**
   * Sets a value.
   *
   * @param content the manifest, which must be one that is taken
   * @param file its name, for messages
   * @param folder the name of its folder, as in {@link ManifestReader#read}
   * @param resource whose value
   * @param path of a single value in the spec, as the resource form has it, for both forms: {@code
   *     services.mode}
   * @param value as text; where it needs quotes, it gets them. A key that isn't there is added to
   *     its section, if that is there
   */
  public static Result set(
      byte[] content,
      String file,
      String folder,
      ResourceName resource,
      String path,
      String value) {
    Problems problems = new Problems(Structure.line(file));
    ManifestReader.Reading reading = ManifestReader.readPlaces(content, file, folder);
    if (reading.result() instanceof ManifestResult.Invalid invalid) {
      return new Result.Refused(invalid.problems());
    }
    Optional<Declaration> declaration =
        reading.declarations().stream().filter(d -> d.resource().name().equals(resource)).findAny();
    if (declaration.isEmpty()) {
      problems.error(Spot.START, "", "there is no resource " + resource, "name one of the file's");
      return new Result.Refused(problems.byPlace());
    }
    String key = path.startsWith("spec.") ? path.substring("spec.".length()) : path;
    ManifestEdit edit =
        new ManifestEdit(
            content,
            file,
            ManifestText.of(content, problems).orElseThrow(),
            declaration.get(),
            key,
            value);
    return edit.run(folder, reading.declarations());
  }

  private Result run(String folder, List<Declaration> before) {
    Optional<Splice> splice = splice();
    if (splice.isEmpty()) {
      return new Result.Refused(problems.byPlace());
    }
    byte[] edited = spliced(splice.get());
    ManifestReader.Reading after = ManifestReader.readPlaces(edited, file, folder);
    if (after.result() instanceof ManifestResult.Invalid invalid) {
      return new Result.Refused(invalid.problems());
    }
    if (!onlyThatChanged(before, after.declarations(), edited)) {
      refuse(declaration.spot(path), "can't be set without changing something else, too", byHand());
      return new Result.Refused(problems.byPlace());
    }
    return new Result.Edited(new String(edited, StandardCharsets.UTF_8));
  }

  private Optional<Splice> splice() {
    if (!SpecKeys.paths().contains(path) || NOT_SINGLE.contains(path)) {
      return refuse(Spot.START, "is no single value that can be set", "change it by hand");
    }
    if (value.length() > LONGEST || value.codePoints().anyMatch(ManifestEdit::isNotPrintable)) {
      return refuse(
          declaration.spot(path),
          InvalidValue.quote(value) + " is no value in one line",
          "write one line");
    }
    Field field = declaration.fields().get(path);
    return field == null ? insertion() : replacement(field);
  }

  private static boolean isNotPrintable(int c) {
    return Character.isISOControl(c)
        || !StreamReader.isPrintable(c)
        || c == '\u2028'
        || c == '\u2029';
  }

  private Optional<Splice> refuse(Spot spot, String message, String fix) {
    problems.error(spot, declaration.source().written(path), message, fix);
    return Optional.empty();
  }

  private String byHand() {
    String written = declaration.source().written(path);
    int dot = written.lastIndexOf('.');
    String by = "write " + written.substring(dot + 1) + ": " + plain(false);
    return dot < 0 ? by : by + " under " + written.substring(0, dot);
  }

  // a value that is there

  private Optional<Splice> replacement(Field field) {
    Optional<ScalarToken> token = token(field.value());
    if (token.isEmpty()
        || token.get().getStartMark().getLine() != token.get().getEndMark().getLine()
        || token.get().getStyle() == ScalarStyle.LITERAL
        || token.get().getStyle() == ScalarStyle.FOLDED) {
      return refuse(field.valueSpot(), "stands over several lines", byHand());
    }
    return Optional.of(
        new Splice(
            text.byteOffset(token.get().getStartMark().getIndex()),
            text.byteOffset(token.get().getEndMark().getIndex()),
            inStyle(token.get().getStyle(), (ScalarNode) field.value())));
  }

  /** The scalar itself, without an anchor or a tag before it. */
  private Optional<ScalarToken> token(Node node) {
    int end = node.getEndMark().getIndex();
    ScannerImpl scanner = new ScannerImpl(new StreamReader(text.text()), Documents.limits());
    while (!scanner.checkToken(Token.ID.StreamEnd)) {
      Token token = scanner.getToken();
      if (token instanceof ScalarToken scalar && scalar.getEndMark().getIndex() == end) {
        return Optional.of(scalar);
      }
    }
    return Optional.empty();
  }

  private String inStyle(ScalarStyle style, ScalarNode old) {
    return switch (style) {
      case SINGLE_QUOTED -> "'" + value.replace("'", "''") + "'";
      case DOUBLE_QUOTED -> quoted(value);
      default -> plain(old.getTag().equals(Tag.STR));
    };
  }

  /** Without quotes where the value means the same without, to every reader of YAML. */
  private String plain(boolean text) {
    boolean simple = value.matches("[A-Za-z0-9][A-Za-z0-9._/+-]*");
    boolean string = new Resolver().resolve(NodeId.scalar, value, true).equals(Tag.STR);
    return simple && (string || !text) ? value : quoted(value);
  }

  private static String quoted(String value) {
    return "\"" + value.replace("\\", "\\\\").replace("\"", "\\\"") + "\"";
  }

  // a value that isn't there

  private Optional<Splice> insertion() {
    String written = declaration.source().written(path);
    int dot = written.lastIndexOf('.');
    String key = written.substring(dot + 1);
    Node section =
        dot < 0
            ? declaration.root()
            : Tree.look(declaration.root(), "", written.substring(0, dot))
                .map(Field::value)
                .orElse(null);
    String entry = key + ": " + plain(!NO_TEXT.contains(path));
    if (!(section instanceof MappingNode mapping) || mapping.getValue().isEmpty()) {
      return refuse(declaration.source().near(path), "has no section to stand in", byHand());
    }
    List<Field> oneLiners =
        Tree.children(mapping, "").stream()
            .filter(f -> f.isScalar() && !f.isEmpty())
            .filter(f -> f.key().getStartMark().getLine() == f.value().getEndMark().getLine())
            .toList();
    if (oneLiners.isEmpty()) {
      return refuse(Spot.of(section), "is not there, and nothing to write it beside", byHand());
    }
    Field beside = oneLiners.get(oneLiners.size() - 1);
    int end = text.text().offsetByCodePoints(0, beside.value().getEndMark().getIndex());
    if (mapping.getFlowStyle() == FlowStyle.FLOW) {
      return Optional.of(inserted(end, ", " + entry));
    }
    String indent = " ".repeat(beside.key().getStartMark().getColumn());
    int lineEnd = lineEnd(end);
    return Optional.of(inserted(lineEnd, lineBreak(lineEnd) + indent + entry));
  }

  private Splice inserted(int at, String what) {
    int bytes = text.byteOffset(text.text().codePointCount(0, at));
    return new Splice(bytes, bytes, what);
  }

  private int lineEnd(int from) {
    int end = from;
    while (end < text.text().length() && "\r\n".indexOf(text.text().charAt(end)) < 0) {
      end++;
    }
    return end;
  }

  /** The line's own line break; at the end of the file, that of its first line. */
  private String lineBreak(int lineEnd) {
    int at = lineEnd < text.text().length() ? lineEnd : lineEnd(0);
    if (text.text().startsWith("\r\n", at)) {
      return "\r\n";
    }
    return text.text().startsWith("\r", at) ? "\r" : "\n";
  }

  // the proof

  private byte[] spliced(Splice splice) {
    byte[] by = splice.by().getBytes(StandardCharsets.UTF_8);
    byte[] out = Arrays.copyOf(content, content.length - (splice.to() - splice.from()) + by.length);
    System.arraycopy(by, 0, out, splice.from(), by.length);
    System.arraycopy(
        content, splice.to(), out, splice.from() + by.length, content.length - splice.to());
    return out;
  }

  private boolean onlyThatChanged(
      List<Declaration> before, List<Declaration> after, byte[] edited) {
    if (before.size() != after.size()) {
      return false;
    }
    for (int i = 0; i < before.size(); i++) {
      boolean same = before.get(i).resource().equals(after.get(i).resource());
      if (before.get(i).document() != declaration.document() && !same) {
        return false;
      }
      if (before.get(i).document() == declaration.document()) {
        Field field = after.get(i).fields().get(path);
        if (field == null || !field.text().equals(value)) {
          return false;
        }
      }
    }
    String now = new String(edited, StandardCharsets.UTF_8).substring(text.bom() == 0 ? 0 : 1);
    return NodeDifference.count(
            Documents.compose(text.text(), problems), Documents.compose(now, problems))
        <= 1;
  }
}
