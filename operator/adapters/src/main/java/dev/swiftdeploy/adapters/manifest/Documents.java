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
    try {
      LoaderOptions limits = limits();
      Composer composer =
          new Composer(new ParserImpl(new StreamReader(text), limits), new Resolver(), limits);
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
      Mark mark = e.getProblemMark() != null ? e.getProblemMark() : e.getContextMark();
      problems.error(mark == null ? Spot.START : Spot.of(mark), "", said(e), fix(e));
    } catch (YAMLException e) {
      problems.error(Spot.START, "", said(e), fix(e));
    } catch (RuntimeException e) {
      // A parser meets whatever a person or an attacker wrote; its own slips (an index out of
      // bounds, a number format) are one more way of not being YAML.
      problems.error(Spot.START, "", said(e), "check the file with another tool");
    }
    return documents;
  }

  private static String said(RuntimeException e) {
    String message = e instanceof MarkedYAMLException marked ? marked.getProblem() : e.getMessage();
    String first = String.valueOf(message).lines().findFirst().orElse("");
    return "not YAML: " + Structure.line(first);
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
    if (said.contains("undefined alias")) {
      return "quote a value that starts with *";
    }
    return "check indentation, quotes and brackets there";
  }
}
