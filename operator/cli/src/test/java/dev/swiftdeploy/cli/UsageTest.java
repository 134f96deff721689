package dev.swiftdeploy.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.local.daemon.ManifestLock;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of a command line that can't be understood, and of a command that fails. */
class UsageTest {
  @TempDir Path folder;

  @Test
  void noCommandAtAll() {
    Ran ran = Ran.of();
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
    assertThat(ran.out()).isEmpty();
    assertThat(ran.err()).startsWith("Ships nothing without a recorded permission.");
  }

  /** A blank stands between the words, ~ between the lines. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          vaildate; swiftdeploy has no command vaildate~Did you mean: validate?~See: swiftdeploy --help
          qqq; swiftdeploy has no command qqq~See: swiftdeploy --help
          audit verfy; swiftdeploy audit has no command verfy~Did you mean: verify?~See: swiftdeploy audit --help
          validate --fiel x; swiftdeploy validate has no option --fiel~Did you mean: --file?~See: swiftdeploy validate --help
          validate now; swiftdeploy validate takes no "now"~See: swiftdeploy validate --help
          validate -o yaml; Invalid value for option '--output': expected one of [text, json] (case-insensitive) but was 'yaml'~See: swiftdeploy validate --help
          validate -f; Missing required parameter for option '--file' (FILE)~See: swiftdeploy validate --help
          deploy --timeout 0; 0 is no time to wait~See: swiftdeploy deploy --help
          deploy --timeout -5; -5 is no time to wait~See: swiftdeploy deploy --help
          promote stable --timeout 0; 0 is no time to wait~See: swiftdeploy promote --help
          promote; Missing required parameter: 'canary|stable'~See: swiftdeploy promote --help
          promote blue; Invalid value for positional parameter at index 0 (canary|stable): "blue" is not a mode: stable or canary~See: swiftdeploy promote --help
          deploy --timeout soon; Invalid value for option '--timeout': 'soon' is not an int~See: swiftdeploy deploy --help
          deploy --timeout 99999999999; Invalid value for option '--timeout': '99999999999' is not an int~See: swiftdeploy deploy --help
          """)
  void aLineThatCanNotBeUnderstood(String words, String said) {
    Ran ran = Ran.of(words.split(" "));
    assertThat(ran.err()).isEqualTo("swiftdeploy: " + said.replace("~", "\n") + "\n");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
  }

  @ParameterizedTest
  @CsvSource({"init", "validate", "plan", "run", "deploy", "rollback", "status", "teardown"})
  void theRootOfAllFilesIsNoManifest(String command) {
    Ran ran = Ran.of(command, "-f", "/");
    assertThat(ran.err())
        .isEqualTo("swiftdeploy: / is no manifest\n  name one: swiftdeploy … -f manifest.yaml\n");
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
  }

  @ParameterizedTest
  @CsvSource({"plan", "run", "deploy", "rollback", "status", "teardown"})
  void withoutAManifestTheNextStepIsInit(String command) {
    Ran ran = Ran.in(folder, command);
    assertThat(ran.err())
        .isEqualTo(
            "swiftdeploy: there is no "
                + folder.resolve("manifest.yaml")
                + "\n  write one with: swiftdeploy init (or name another with -f)\n");
    assertThat(ran.out()).isEmpty();
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
    assertThat(folder).isEmptyDirectory();
  }

  @ParameterizedTest
  @CsvSource({"explain", "audit", "audit verify"})
  void withoutAChainTheNextStepIsToRun(String command) {
    Ran ran = Ran.in(folder, command.split(" "));
    assertThat(ran.err())
        .isEqualTo(
            "swiftdeploy: there is no audit chain: "
                + folder.resolve("history.jsonl")
                + "\n  it begins with the first run or deploy\n");
    assertThat(ran.exit()).isEqualTo(Exit.FAILED);
  }

  /** A blank stands between the words, ~ between the lines. */
  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      quoteCharacter = '`',
      textBlock =
          """
          status -f x.yaml -n shop; -f names a manifest of this machine, --namespace and --context a cluster~  name one of both
          explain -f x.yaml --context prod; -f names a manifest of this machine, --namespace and --context a cluster~  name one of both
          status demo --resource shop; two resources are named: demo and shop~  name one
          audit verify demo; on this machine a chain is of the whole manifest, and of no single resource~  leave the resource out, or name a cluster's --namespace
          audit export --uid u-1; on this machine a chain is of the whole manifest, and of no single resource~  leave the resource out, or name a cluster's --namespace
          replay history.jsonl -n shop; history.jsonl is a file, and --namespace and --context name a cluster~  name one of both (a resource of the cluster: --resource NAME)
          audit verify -n shop --key 3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a3f2a; chains of a cluster have no signed checkpoints~  leave --key out
          """)
  void aMachineAndAClusterAreNotBothMeant(String words, String said) {
    Ran ran = Ran.of(words.split(" "));
    assertThat(ran.err()).isEqualTo("swiftdeploy: " + said.replace("~", "\n") + "\n");
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
  }

  @Test
  void aBrokenManifestKeepsNobodyFromRollingBack() throws IOException {
    Workspace workspace = new Workspace(folder.resolve("manifest.yaml"));
    Files.writeString(workspace.manifest(), "services: [");
    workspace.create();
    Files.writeString(
        workspace.lastGood(), "name: shop\nservices: {image: 'demo:1', version: '1'}\n");
    Ran ran = Ran.in(folder, "rollback");
    assertThat(ran.err())
        .startsWith(
            "swiftdeploy: there is nothing to roll back to: no candidate, and no earlier release of"
                + " shop that isn't refused\n");
    assertThat(ran.exit()).isEqualTo(Exit.USAGE);
  }

  @Test
  void aSecondDaemonSaysWhoHasTheLock() throws IOException {
    Path manifest = folder.resolve("manifest.yaml");
    Files.writeString(manifest, "name: demo\nservices: {image: 'demo:1', version: '1'}\n");
    Instant since = Instant.parse("2026-01-02T03:04:05Z");
    ManifestLock.Holder ada = new ManifestLock.Holder(4711, since, "ada", true, "0.1.0");
    try (ManifestLock lock = ManifestLock.take(new Workspace(manifest), ada).orElseThrow()) {
      Ran ran = Ran.in(folder, "run");
      assertThat(ran.err())
          .endsWith(
              ("swiftdeploy: a daemon already runs for %s: process 4711, started by ada at"
                      + " 2026-01-02T03:04:05Z with deploy (in the background)\n"
                      + "  see how it stands with: swiftdeploy status\n")
                  .formatted(manifest));
      assertThat(ran.exit()).isEqualTo(Exit.LOCKED);
      assertThat(lock).isNotNull();
    }
  }

  @Test
  void aDaemonThatEndsWhileStatusAsksItIsNone() throws Exception {
    Path manifest = folder.resolve("manifest.yaml");
    Files.writeString(
        manifest,
        "name: demo\nservices: {image: 'demo:1', version: '1', command: [sleep, '100']}\n");
    Workspace workspace = new Workspace(manifest);
    ManifestLock.Holder ada = new ManifestLock.Holder(4711, Instant.EPOCH, "ada", true, "0.1.0");
    ManifestLock lock = ManifestLock.take(workspace, ada).orElseThrow();
    CompletableFuture<Ran> status =
        CompletableFuture.supplyAsync(() -> Ran.in(folder, "status", "-o", "json"));
    await()
        .atMost(Duration.ofMinutes(1))
        .until(() -> workspace.requests().toFile().list().length > 0);
    lock.close();

    Ran ran = status.get(1, TimeUnit.MINUTES);
    assertThat(ran.exit()).as("%s", ran).isEqualTo(Exit.DONE);
    assertThat(ran.out()).contains("\"pid\" : 0", "\"resource\" : \"demo\"");
    assertThat(workspace.requests()).isEmptyDirectory();
  }

  // failures

  private static String said(Exception e) {
    StringWriter err = new StringWriter();
    PrintWriter writer = new PrintWriter(err);
    int exit = Failures.failed(e, new Terminal(writer, writer, false));
    return exit + " " + err;
  }

  @Test
  void everyFailureSaysWhatAndWhatNext() {
    assertThat(said(new CommandFailure(Exit.BLOCKED, "policy says no", "ask it why")))
        .isEqualTo("3 swiftdeploy: policy says no\n  ask it why\n");
    assertThat(said(new CommandFailure(Exit.FAILED, "it broke", "")))
        .isEqualTo("1 swiftdeploy: it broke\n");
    assertThat(said(new PlatformException("the port is taken", "free it")))
        .isEqualTo("1 swiftdeploy: the port is taken\n  free it\n");
    assertThat(said(new AuditException("the disk is full")))
        .isEqualTo("1 swiftdeploy: the disk is full\n");
    String next = "\n  check that path, its owner and the disk\n";
    assertThat(said(new AccessDeniedException("/x/manifest.yaml")))
        .isEqualTo("1 swiftdeploy: /x/manifest.yaml: permission denied" + next);
    assertThat(said(new FileSystemException("/x/y", null, "Not a directory")))
        .isEqualTo("1 swiftdeploy: /x/y: Not a directory" + next);
    assertThat(said(new IOException("No space left on device")))
        .isEqualTo("1 swiftdeploy: No space left on device" + next);
    assertThat(said(new UncheckedIOException(new AccessDeniedException("/x"))))
        .isEqualTo("1 swiftdeploy: /x: permission denied" + next);
  }

  @Test
  void ourOwnErrorsAreToldAsSuchWithTheirTrace() {
    assertThat(said(new IllegalStateException("oops")))
        .startsWith(
            "1 swiftdeploy: an error in SwiftDeploy itself:\njava.lang.IllegalStateException: oops\n\tat ");
  }

  // colour

  @Test
  void colourIsForTerminalsAndNotAgainstNoColor() {
    assertThat(Terminal.colourWanted(Map.of(), true)).isTrue();
    assertThat(Terminal.colourWanted(Map.of("TERM", "xterm"), true)).isTrue();
    assertThat(Terminal.colourWanted(Map.of("NO_COLOR", ""), true)).isTrue();
    assertThat(Terminal.colourWanted(Map.of(), false)).isFalse();
    assertThat(Terminal.colourWanted(Map.of("NO_COLOR", "1"), true)).isFalse();
    assertThat(Terminal.colourWanted(Map.of("NO_COLOR", "0"), true)).isFalse();
    assertThat(Terminal.colourWanted(Map.of("TERM", "dumb"), true)).isFalse();
  }

  @Test
  void stylesAreEscapesOnlyWhereColourIsWanted() {
    PrintWriter nowhere = new PrintWriter(new StringWriter());
    assertThat(new Terminal(nowhere, nowhere, false).styled(Terminal.Style.RED, "FAIL"))
        .isEqualTo("FAIL");
    assertThat(new Terminal(nowhere, nowhere, true).styled(Terminal.Style.RED, "FAIL"))
        .isEqualTo("\u001b[31mFAIL\u001b[0m");
    assertThat(List.of(Terminal.Style.values())).hasSize(5);
  }
}
