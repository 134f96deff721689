package dev.swiftdeploy.adapters.manifest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.spec.ResourceName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManifestEditTest {
  private static final String RESOURCE =
      """
      # "quotes", {braces} and a – dash
      apiVersion: swiftdeploy.dev/v1alpha1
      kind: SwiftDeploy
      metadata: {name: demo}
      spec:
        services:
          image: "demo:1.0.0"   # image: demo:2.0.0
          mode:   stable  # stable | canary
          version: '1.0.0'
          port: 3000
        nginx: {port: 8080, contact: ops@example.com} # mode: stable
        policy:
          engine: embedded

          directory: policies
      """;

  private static String set(String text, String path, String value) {
    return set(text, "demo", path, value);
  }

  private static String set(String text, String name, String path, String value) {
    ManifestEdit.Result result =
        ManifestEdit.set(
            text.getBytes(StandardCharsets.UTF_8),
            "manifest.yaml",
            "demo",
            ResourceName.of(name),
            path,
            value);
    return result instanceof ManifestEdit.Result.Edited edited
        ? edited.text()
        : ((ManifestEdit.Result.Refused) result)
            .problems().stream()
                .filter(problem -> problem.severity() == Severity.ERROR)
                .map(Problem::text)
                .collect(Collectors.joining("\n"));
  }

  @Test
  void onlyTheValueChanges() {
    edits("services.mode", "canary", "mode:   stable  #", "mode:   canary  #");
    edits("spec.services.mode", "canary", "mode:   stable  #", "mode:   canary  #");
    edits("services.version", "1.1", "'1.0.0'", "'1.1'");
    edits("services.image", "demo:2.0.0", "\"demo:1.0.0\"", "\"demo:2.0.0\"");
    edits("services.port", "3001", "port: 3000", "port: 3001");
    edits("nginx.port", "9090", "{port: 8080", "{port: 9090");
    edits("nginx.contact", "a, b #c", "contact: ops@example.com}", "contact: \"a, b #c\"}");
    edits("policy.engine", "opa", "engine: embedded", "engine: opa");
    edits("services.mode", "stable", "", "");
  }

  private static void edits(String path, String value, String before, String after) {
    assertThat(set(RESOURCE, path, value)).isEqualTo(RESOURCE.replace(before, after));
  }

  @Test
  void aValueThatPlainYamlWouldTakeForANumberIsQuoted() {
    String text = RESOURCE.replace("'1.0.0'", "1.0.0");
    assertThat(set(text, "services.version", "1.10"))
        .isEqualTo(text.replace("version: 1.0.0", "version: \"1.10\""));
    assertThat(set(text, "services.version", "1.1.0"))
        .isEqualTo(text.replace("version: 1.0.0", "version: 1.1.0"));
  }

  @Test
  void lineEndsMarksAndForeignLettersStay() {
    String text = "\uFEFF# größe – 大きさ 🚀\r\n" + RESOURCE.replace("\n", "\r\n");
    assertThat(set(text, "services.mode", "canary"))
        .isEqualTo(text.replace("mode:   stable  #", "mode:   canary  #"));
  }

  @Test
  void anAnchorOrATagBeforeTheValueStays() {
    String text = RESOURCE.replace("mode:   stable", "mode:  &m !!str stable");
    assertThat(set(text, "services.mode", "canary"))
        .isEqualTo(text.replace("&m !!str stable", "&m !!str canary"));
  }

  @Test
  void aKeyThatIsNotThereIsWrittenBesideItsNeighbours() {
    assertThat(set(RESOURCE, "services.replicas", "3"))
        .isEqualTo(RESOURCE.replace("port: 3000\n", "port: 3000\n    replicas: 3\n"));
    assertThat(set(RESOURCE, "nginx.proxyTimeout", "10s"))
        .isEqualTo(RESOURCE.replace("ops@example.com}", "ops@example.com, proxyTimeout: 10s}"));
    assertThat(set(RESOURCE, "policy.url", "http://127.0.0.1:8181"))
        .isEqualTo(
            RESOURCE.replace(
                "directory: policies\n",
                "directory: policies\n    url: \"http://127.0.0.1:8181\"\n"));
  }

  @Test
  void aNewLineEndsAsItsNeighbourDoes() {
    String dos = "services:\r\n    image: demo\r\n    port: 3000 # no line end follows";
    assertThat(set(dos, "services.mode", "canary")).isEqualTo(dos + "\r\n    mode: canary");
    String one = "services: {image: demo}";
    assertThat(set(one, "services.mode", "canary"))
        .isEqualTo("services: {image: demo, mode: canary}");
  }

  @Test
  void theFlatFormIsEditedWhereItSaysSo() {
    String atRoot = "services:\n  image: demo\nmode: stable # promote writes here\n";
    assertThat(set(atRoot, "services.mode", "canary"))
        .isEqualTo("services:\n  image: demo\nmode: canary # promote writes here\n");
    String inEnv = "services:\n  image: demo\n  env: {MODE: stable, A: b}\n";
    assertThat(set(inEnv, "services.mode", "canary"))
        .isEqualTo("services:\n  image: demo\n  env: {MODE: canary, A: b}\n");
    String named = "services:\n  app:\n    image: demo\n    port: 3000\n";
    assertThat(set(named, "services.restartPolicy", "always"))
        .isEqualTo(named + "    restart_policy: always\n");
  }

  @Test
  void theResourceThatIsMeantAmongSeveral() {
    String other = RESOURCE.replace("name: demo", "name: other").replace("8080", "8081");
    String text = RESOURCE + "---\n" + other;
    assertThat(set(text, "other", "services.mode", "canary"))
        .isEqualTo(RESOURCE + "---\n" + other.replace("mode:   stable", "mode:   canary"));
  }

  @Test
  void whatCanNotBeSetIsRefusedWithTheFix() {
    String folded = RESOURCE.replace("ops@example.com", "ops\n      on duty");
    String shared = "services: &s\n  image: demo\n  mode: stable\nx-copy: *s\n";
    String refusals =
        String.join(
            "\n",
            set(RESOURCE, "services.mode", "blue"),
            set(RESOURCE, "services.env", "x"),
            set(RESOURCE, "services.mod", "x"),
            set(RESOURCE, "canary.header", "X-Mode"),
            set(RESOURCE, "network.name", "a\nb: c"),
            set(RESOURCE, "absent", "services.mode", "canary"),
            set("services: [", "services.mode", "canary"),
            set(folded, "nginx.contact", "me"),
            set(shared, "services.mode", "canary"));
    assertThat(refusals)
        .isEqualTo(
            """
            manifest.yaml:8:13: spec.services.mode: "blue" is not a mode: stable or canary. Fix: write one of stable, canary
            manifest.yaml:1:1: spec.services.env: is no single value that can be set. Fix: change it by hand
            manifest.yaml:1:1: spec.services.mod: is no single value that can be set. Fix: change it by hand
            manifest.yaml:5:1: spec.canary.header: has no section to stand in. Fix: write header: X-Mode under spec.canary
            manifest.yaml:5:1: spec.network.name: "a\\u000ab: c" is no value in one line. Fix: write one line
            manifest.yaml:1:1: there is no resource absent. Fix: name one of the file's
            manifest.yaml:1:12: not YAML: expected the node content, but found '<stream end>'. Fix: check indentation, quotes and brackets there
            manifest.yaml:11:32: spec.nginx.contact: stands over several lines. Fix: write contact: me under spec.nginx
            manifest.yaml:3:9: services.mode: can't be set without changing something else, too. Fix: write mode: canary under services""");
  }

  @Test
  void theFileIsReplacedWholeAndStaysWhatItWas(@TempDir Path folder) throws Exception {
    Path real = Files.writeString(folder.resolve("real.yaml"), RESOURCE);
    Files.setPosixFilePermissions(real, PosixFilePermissions.fromString("rw-r-----"));
    Path link = Files.createSymbolicLink(folder.resolve("manifest.yaml"), real);

    ManifestEdit.Result result =
        ManifestFile.set(link, ResourceName.of("demo"), "services.mode", "canary");

    String expected = RESOURCE.replace("mode:   stable", "mode:   canary");
    assertThat(result).isEqualTo(new ManifestEdit.Result.Edited(expected));
    assertThat(Files.readString(real)).isEqualTo(expected);
    assertThat(Files.isSymbolicLink(link)).isTrue();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(real)))
        .isEqualTo("rw-r-----");
    try (var files = Files.list(folder)) {
      assertThat(files.map(f -> f.getFileName().toString()).sorted().toList())
          .isEqualTo(List.of("manifest.yaml", "real.yaml"));
    }
  }
}
