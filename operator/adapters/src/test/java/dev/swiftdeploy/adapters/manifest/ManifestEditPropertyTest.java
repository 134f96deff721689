package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.ResourceName;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Manifests in every way of writing one, made at random, and one value set: what is read then is
 * what would have been read had it been written so, and every other byte stays. {@code -Dseed=N}
 * tries another series.
 */
class ManifestEditPropertyTest {
  private static final int ROUNDS = 400;

  /** Values that each path may have; the first is what it has before. */
  private static final Map<String, List<String>> VALUES = new LinkedHashMap<>();

  static {
    VALUES.put("services.image", List.of("demo:1.0.0", "demo:2", "registry.example.com:5000/a/b"));
    VALUES.put("services.mode", List.of("stable", "canary"));
    VALUES.put(
        "services.version",
        List.of(
            "1.0.0",
            "1.10",
            "2",
            "v1",
            "1e3",
            "0x1F",
            "null",
            "true",
            "no",
            "1_000",
            "2020-01-01"));
    VALUES.put("services.port", List.of("3000", "1", "65535"));
    VALUES.put("services.replicas", List.of("1", "100"));
    VALUES.put("services.restartPolicy", List.of("always", "no", "on-failure"));
    VALUES.put("nginx.port", List.of("8080", "443"));
    VALUES.put("nginx.proxyTimeout", List.of("30s", "1m30s"));
    VALUES.put(
        "nginx.contact",
        List.of("ops@example.com", "a, b #c", "https://example.com/x: y", "0", "yes", "A - b"));
    VALUES.put("network.name", List.of("shop-net", "1e3", "null", "12", "no"));
    VALUES.put("network.driverType", List.of("bridge"));
  }

  private final Random random = new Random(Long.getLong("seed", 20260102));

  private enum Style {
    PLAIN("", ""),
    SINGLE("'", "'"),
    DOUBLE("\"", "\""),
    ANCHORED("&x%d ", ""),
    ANCHORED_QUOTED("&x%d \"", "\""),
    SPACED("   ", "  ");

    private final String before;
    private final String after;

    Style(String before, String after) {
      this.before = before;
      this.after = after;
    }
  }

  /**
   * How a manifest is written.
   *
   * @param missing the path that isn't written; empty for none
   */
  private record Form(
      boolean flat,
      boolean flow,
      String lineBreak,
      boolean mark,
      boolean ended,
      int documents,
      int target,
      String missing,
      Map<String, Style> styles,
      Map<String, String> comments) {}

  private <T> T any(List<T> all) {
    return all.get(random.nextInt(all.size()));
  }

  /** Any value but a port that another document publishes. */
  private String value(String path) {
    List<String> all = VALUES.get(path);
    return any(path.equals("nginx.port") ? all.subList(1, all.size()) : all);
  }

  private Form form(String missing) {
    int documents = 1 + random.nextInt(3);
    Map<String, Style> styles = new LinkedHashMap<>();
    Map<String, String> comments = new LinkedHashMap<>();
    for (String path : VALUES.keySet()) {
      styles.put(path, any(List.of(Style.values())));
      comments.put(
          path, any(List.of("", "", " # mode: stable", " # größe – \"x\": {y} 🚀", " #", "   ")));
    }
    return new Form(
        random.nextBoolean(),
        random.nextBoolean(),
        any(List.of("\n", "\r\n")),
        random.nextInt(4) == 0,
        random.nextBoolean(),
        documents,
        random.nextInt(documents),
        missing,
        styles,
        comments);
  }

  /** The manifest with a value set in the target's document; where it starts and ends. */
  private record Written(String text, int from, int to) {}

  private static Written written(Form form, String set, String value) {
    StringBuilder out = new StringBuilder(form.mark() ? "\uFEFF" : "");
    int[] span = {-1, -1};
    for (int document = 0; document < form.documents(); document++) {
      if (document > 0) {
        out.append("---").append(form.lineBreak());
      }
      write(out, form, document, set, value, span);
    }
    if (!form.ended()) {
      out.setLength(out.length() - form.lineBreak().length());
    }
    return new Written(out.toString(), span[0], span[1]);
  }

  private static void write(
      StringBuilder out, Form form, int document, String set, String value, int[] span) {
    String end = form.lineBreak();
    String root = form.flat() ? "" : "  ";
    if (form.flat()) {
      out.append("name: r").append(document).append(end);
    } else {
      out.append("apiVersion: swiftdeploy.dev/v1alpha1").append(end);
      out.append("kind: SwiftDeploy # image: x").append(end);
      out.append("metadata: {name: r").append(document).append('}').append(end);
      out.append("spec:").append(end);
    }
    for (String section : List.of("services", "nginx", "network")) {
      out.append(root).append(section).append(form.flow() ? ": {" : ":" + end);
      boolean first = true;
      for (String path : VALUES.keySet()) {
        if (!path.startsWith(section + ".") || path.equals(form.missing())) {
          continue;
        }
        out.append(form.flow() ? (first ? "" : ", ") : root + "    ");
        first = false;
        entry(out, form, document, path, set, value, span);
        out.append(form.flow() ? "" : form.comments().get(path) + end);
      }
      out.append(form.flow() ? "} # }" + end : "");
    }
  }

  private static void entry(
      StringBuilder out,
      Form form,
      int document,
      String path,
      String set,
      String value,
      int[] span) {
    String key = path.substring(path.indexOf('.') + 1);
    Style style = form.styles().get(path);
    out.append(form.flat() ? SpecKeys.snake(key) : key).append(": ");
    out.append(style.before.replace("%d", document + key));
    boolean target = document == form.target() && path.equals(set);
    String was = VALUES.get(path).get(0);
    String now = path.equals("nginx.port") ? Integer.toString(8080 + document) : was;
    span[0] = target ? out.length() : span[0];
    out.append(target ? value : now);
    span[1] = target ? out.length() : span[1];
    out.append(style.after);
  }

  private static List<Resource> read(String text) {
    ManifestResult result =
        ManifestReader.read(text.getBytes(StandardCharsets.UTF_8), "manifest.yaml", "folder");
    assertThat(result).as(text + result.problems()).isInstanceOf(ManifestResult.Manifest.class);
    return ((ManifestResult.Manifest) result).resources();
  }

  private static String edited(String text, Form form, String path, String value) {
    ManifestEdit.Result result =
        ManifestEdit.set(
            text.getBytes(StandardCharsets.UTF_8),
            "manifest.yaml",
            "folder",
            ResourceName.of("r" + form.target()),
            path,
            value);
    if (result instanceof ManifestEdit.Result.Refused refused) {
      throw new AssertionError(
          path
              + " = "
              + value
              + " is refused in\n"
              + text
              + refused.problems().stream().filter(p -> p.severity() == Severity.ERROR).toList());
    }
    return ((ManifestEdit.Result.Edited) result).text();
  }

  @Test
  void aValueIsSetAndNothingElse() {
    for (int round = 0; round < ROUNDS; round++) {
      String path = any(List.copyOf(VALUES.keySet()));
      String value = value(path);
      Form form = form("");
      Written before = written(form, path, before(form, path));
      String text = before.text();
      String edited = edited(text, form, path, value);
      assertThat(read(edited)).as(edited).isEqualTo(changed(read(text), form, path, value));
      // Around the value stand its quotes at most.
      int from = before.from() - 1;
      int rest = text.length() - Math.min(text.length(), before.to() + 1);
      assertThat(edited).as(text).startsWith(text.substring(0, from));
      assertThat(edited).as(text).endsWith(text.substring(text.length() - rest));
      assertThat(edited.length() - from - rest).isLessThanOrEqualTo(value.length() + 4);
    }
  }

  private static String before(Form form, String path) {
    return path.equals("nginx.port")
        ? Integer.toString(8080 + form.target())
        : VALUES.get(path).get(0);
  }

  /** What is read of the simplest way to write the same with another value. */
  private static List<Resource> changed(List<Resource> all, Form form, String path, String value) {
    Map<String, Style> quoted = new LinkedHashMap<>();
    Map<String, String> comments = new LinkedHashMap<>();
    VALUES
        .keySet()
        .forEach(
            p -> {
              boolean number = p.endsWith("port") || p.endsWith("replicas");
              quoted.put(p, number ? Style.PLAIN : Style.DOUBLE);
              comments.put(p, "");
            });
    Form simple =
        new Form(
            true, false, "\n", false, true, form.documents(), form.target(), "", quoted, comments);
    List<Resource> changed = new ArrayList<>(all);
    changed.set(form.target(), read(written(simple, path, value).text()).get(form.target()));
    return changed;
  }

  @Test
  void aValueThatIsNotThereIsAddedAndNothingElse() {
    for (int round = 0; round < ROUNDS; round++) {
      String path = any(List.copyOf(VALUES.keySet()));
      String value = value(path);
      Form form = form(path);
      if (path.equals("services.image") || (path.equals("nginx.port") && form.documents() > 1)) {
        continue; // it must be there
      }
      String text = written(form, "", "").text();
      String edited = edited(text, form, path, value);
      assertThat(read(edited)).as(edited).isEqualTo(changed(read(text), form, path, value));
      int same = 0;
      while (same < text.length() && text.charAt(same) == edited.charAt(same)) {
        same++;
      }
      assertThat(edited).as(text).endsWith(text.substring(same));
      assertThat(edited.length() - text.length()).isLessThanOrEqualTo(value.length() + 40);
    }
  }

  @Test
  void aValueThatIsRepeatedElsewhereIsNotTouched() {
    for (String lineBreak : List.of("\n", "\r\n")) {
      for (String quote : List.of("", "'", "\"")) {
        String text =
            "name: r0\nservices:\n  image: &i %sdemo:1%s # here\n  version: '1'\n  env: {A: *i}\n"
                .formatted(quote, quote)
                .replace("\n", lineBreak);
        ManifestEdit.Result result =
            ManifestEdit.set(
                text.getBytes(StandardCharsets.UTF_8),
                "manifest.yaml",
                "folder",
                ResourceName.of("r0"),
                "services.image",
                "demo:2");
        assertThat(((ManifestEdit.Result.Refused) result).problems())
            .extracting(Problem::text)
            .containsExactly(
                "manifest.yaml:3:10: services.image: can't be set without changing something else, too. Fix: write image: \"demo:2\" under services");
      }
    }
  }
}
