package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.adapters.manifest.ManifestTemplate;
import dev.swiftdeploy.adapters.proxy.NginxConf;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A manifest that can't be taken: every command says the same, exits with 1 and touches nothing.
 */
class BadManifestTest {
  private static final String BAD =
      """
      name: demo
      services:
        image: "demo:1.0.0; rm"
      nginx: {port: 99999}
      """;
  private static final String TOLD =
      """
      manifest.yaml:3:10: services.image: "demo:1.0.0; rm" is not an image reference such as registry.example.com/team/app:1.2.3. Fix: write NAME:TAG, such as swiftdeploy-app:1.0.0
      manifest.yaml:4:15: nginx.port: 99999 is not a port: 1 to 65535. Fix: write a number such as 8080
      """;

  @TempDir Path folder;

  private Path manifest() {
    return folder.resolve("manifest.yaml");
  }

  private TreeMap<String, String> files() throws IOException {
    TreeMap<String, String> all = new TreeMap<>();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        all.put(file.toString(), Files.readString(file));
      }
    }
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "init",
        "plan",
        "plan -o json",
        "run",
        "deploy",
        "rollback",
        "status",
        "status -o json",
        "promote stable",
        "teardown",
        "teardown --clean"
      })
  void everyCommandSaysTheSameAndTouchesNothing(String command) throws IOException {
    Files.writeString(manifest(), BAD);
    TreeMap<String, String> before = files();
    Ran ran = Ran.in(folder, command.split(" "));
    assertThat(ran.err()).isEqualTo("swiftdeploy: the manifest can't be taken:\n" + TOLD);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(files()).isEqualTo(before);
  }

  @Test
  void validateSaysItLineByLineAsData() throws IOException {
    Files.writeString(manifest(), BAD);
    Ran ran = Ran.in(folder, "validate");
    assertThat(ran.out())
        .isEqualTo(
            "PASS  YAML is valid (%s)\n".formatted(manifest())
                + TOLD.replaceAll("(?m)^(.+)$", "FAIL  required fields are there ($1)"));
    assertThat(ran.err()).isEmpty();
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
  }

  @Test
  void validateInColour() throws IOException {
    Files.writeString(manifest(), "- no manifest\n");
    Ran ran = Ran.colourful("validate", "-f", manifest().toString());
    assertThat(ran.out()).startsWith("\u001b[31mFAIL\u001b[0m  YAML is valid (manifest.yaml:1:1: ");
  }

  @Test
  void whatIsNoFileOrTooLargeIsToldAsSuch() throws IOException {
    Files.createDirectory(manifest());
    says("manifest.yaml:1:1: this is no file. Fix: name a manifest's file");
    Files.delete(manifest());
    Files.createSymbolicLink(manifest(), manifest());
    says(
        "manifest.yaml:1:1: the file can't be read: Too many levels of symbolic links or unable to access attrib…. Fix: check that it is a file that you may read");
    Files.delete(manifest());
    try (RandomAccessFile sparse = new RandomAccessFile(manifest().toFile(), "rw")) {
      sparse.setLength(50 << 20);
    }
    says("manifest.yaml:1:1: the file has 52428800 bytes. Fix: a manifest has at most 1 MiB");
  }

  private void says(String problem) {
    for (String command : List.of("plan", "run", "deploy", "init", "status", "teardown")) {
      Ran ran = Ran.in(folder, command);
      assertThat(ran.err())
          .as(command)
          .isEqualTo("swiftdeploy: the manifest can't be taken:\n" + problem + "\n");
      assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    }
    assertThat(Ran.in(folder, "validate").out())
        .isEqualTo("FAIL  YAML is valid (" + problem + ")\n");
    assertThat(folder).isDirectoryNotContaining(f -> !f.equals(manifest()));
  }

  @Test
  void aResourceThatIsNotThere() throws IOException {
    Files.writeString(
        manifest(), "name: demo\nservices: {image: 'demo:1', command: [sleep, '1']}\n");
    for (String command : List.of("plan", "rollback", "teardown")) {
      Ran ran = Ran.in(folder, command, "--resource", "other");
      assertThat(ran.err())
          .as(command)
          .endsWith("swiftdeploy: there is no resource other in the manifest\n  there is: demo\n");
      assertThat(ran.exit()).isEqualTo(Exit.USAGE);
    }
  }

  // init

  @Test
  void initWritesACommentedManifestOnce() throws IOException {
    Ran ran = Ran.in(folder, "init");
    assertThat(ran.exit()).isEqualTo(Exit.DONE);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err())
        .isEqualTo(
            "wrote %s\n  next: edit services.command, then: swiftdeploy validate\n"
                .formatted(manifest()));
    assertThat(manifest()).hasContent(ManifestTemplate.TEXT);
    String edited = ManifestTemplate.TEXT.replace("8080", "8081");
    Files.writeString(manifest(), edited);
    ran = Ran.in(folder, "init");
    assertThat(ran.err()).isEqualTo("wrote " + folder.resolve("nginx.conf") + "\n");
    assertThat(manifest()).hasContent(edited);
    assertThat(Files.readString(folder.resolve("nginx.conf")))
        .startsWith(NginxConf.GENERATED)
        .contains("listen 127.0.0.1:8081");
    assertThat(Ran.in(folder, "init")).isEqualTo(ran);
  }

  @Test
  void initLeavesALinkThatLeadsNowhereAlone() throws IOException {
    Files.createSymbolicLink(manifest(), folder.resolve("elsewhere.yaml"));
    Ran ran = Ran.in(folder, "init");
    assertThat(ran.err())
        .isEqualTo(
            ("swiftdeploy: %s is a link to a file that is not there\n"
                    + "  remove the link, or write the file that it leads to; then run init again\n")
                .formatted(manifest()));
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(folder.resolve("elsewhere.yaml")).doesNotExist();
  }

  @Test
  void initInAFolderThatIsNotThere() {
    Ran ran = Ran.in(folder.resolve("nowhere"), "init");
    assertThat(ran.err())
        .isEqualTo(
            ("swiftdeploy: %s: there is no such file or folder\n"
                    + "  check that path, its owner and the disk\n")
                .formatted(folder.resolve("nowhere/manifest.yaml")));
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
  }

  @Test
  void initWritesAllFilesOrNone() throws IOException {
    Files.writeString(
        manifest(),
        """
        name: a
        services: {image: 'a:1'}
        ---
        name: b
        services: {image: 'b:1'}
        nginx: {port: 8081}
        """);
    Path theirs = folder.resolve("b.nginx.conf");
    Files.write(theirs, new byte[] {(byte) 0xff, 0, 1});
    Ran ran = Ran.in(folder, "init");
    assertThat(ran.err())
        .endsWith(
            ("swiftdeploy: %s is there and was not generated by SwiftDeploy\n"
                    + "  move it away, then run init again\n")
                .formatted(theirs));
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(folder.resolve("a.nginx.conf")).doesNotExist();
    assertThat(theirs).hasBinaryContent(new byte[] {(byte) 0xff, 0, 1});
  }
}
