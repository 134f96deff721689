package dev.swiftdeploy.adapters.manifest;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.composer.Composer;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.parser.ParserImpl;
import org.yaml.snakeyaml.reader.StreamReader;
import org.yaml.snakeyaml.resolver.Resolver;

/** Composes a text to the nodes of its documents, within limits. */
final class Documents {
  static final int DEEPEST = 32;
  static final int MOST_ALIASES = 50;
  static final int MOST_DOCUMENTS = 50;

  private Documents() {}

  /**
   * A document that holds something.
   *
   * @param index 0-based, empty documents counted
   */
  record Document(int index, Node root) {}

  static LoaderOptions limits() {
    LoaderOptions limits = new LoaderOptions();
    limits.setAllowDuplicateKeys(false);
    limits.setAllowRecursiveKeys(false);
    limits.setMaxAliasesForCollections(MOST_ALIASES);
    limits.setNestingDepthLimit(DEEPEST);
    limits.setCodePointLimit(ManifestText.MOST_BYTES);
    return limits;
  }

  /** The documents up to the first that can't be composed, which is told. */
  static List<Document> compose(String text, Problems problems) {
    List<Document> documents = new ArrayList<>();
    LoaderOptions limits = limits();
    StreamReader reader = new StreamReader(text);
    try {
      Composer composer = new Composer(new ParserImpl(reader, limits), new Resolver(), limits);
      for (int index = 0; composer.checkNode(); index++) {
        Node root = composer.getNode();
        if (index == MOST_DOCUMENTS) {
          problems.error(
              Spot.of(root),
              "",
              "the file has more than " + MOST_DOCUMENTS + " documents",
              "split the file");
          break;
        }
        if (!root.getTag().equals(Tag.NULL)) {
          documents.add(new Document(index, root));
        }
      }
    } catch (MarkedYAMLException e) {
      problems.error(spot(e, reader), "", said(e), fix(e));
    } catch (YAMLException e) {
      problems.error(reached(reader), "", said(e), fix(e));
    } catch (RuntimeException e) {
      // A parser meets whatever a person or an attacker wrote; its own slips (an index out of
      // bounds, a number format) are one more way of not being YAML.
      problems.error(reached(reader), "", said(e), "check the quotes and escapes there");
    }
    return documents;
  }

  /** What is never closed is best looked for where it begins. */
  private static Spot spot(MarkedYAMLException e, StreamReader reader) {
    Mark mark =
        isUnclosed(e) || e.getProblemMark() == null ? e.getContextMark() : e.getProblemMark();
    return mark == null ? reached(reader) : Spot.of(mark);
  }

  private static boolean isUnclosed(MarkedYAMLException e) {
    String said = String.valueOf(e.getProblem());
    return e.getContextMark() != null
        && (said.contains("end of stream") || said.endsWith("<stream end>"));
  }

  /** How far the text was read, where the parser does not say. */
  private static Spot reached(StreamReader reader) {
    return new Spot(reader.getLine() + 1, reader.getColumn() + 1);
  }

  private static String said(RuntimeException e) {
    String message = e instanceof MarkedYAMLException marked ? marked.getProblem() : e.getMessage();
    String first = String.valueOf(message).lines().findFirst().orElse("");
    String said = "not YAML: " + Structure.line(first);
    return e instanceof MarkedYAMLException marked && isUnclosed(marked)
        ? said + "; what begins here is not closed"
        : said;
  }

  private static String fix(RuntimeException e) {
    String said = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
    if (said.contains("(tab)")) {
      return "indent with spaces, not with tabs";
    }
    if (said.contains("mapping values are not allowed")) {
      return "check the indentation; a value that holds \": \" needs quotes";
    }
    if (said.contains("nesting depth")) {
      return "nest at most " + DEEPEST + " levels";
    }
    if (said.contains("aliases")) {
      return "use at most " + MOST_ALIASES + " aliases";
    }
    if (said.contains("tag is not allowed")) {
      return "remove the tag";
    }
    if (said.contains("cannot start any token")) {
      return "put a value that starts so in quotes";
    }
    if (said.contains("incompatible yaml")) {
      return "remove the line, or write %YAML 1.2";
    }
    if (said.contains("undefined alias")) {
      return "quote a value that starts with *";
    }
    return "check indentation, quotes and brackets there";
  }
}
