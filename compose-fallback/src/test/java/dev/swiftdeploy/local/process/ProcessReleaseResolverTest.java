package dev.swiftdeploy.local.process;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Artifact;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.ReleaseResolverContract;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.EnvName;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.Mode;
import dev.swiftdeploy.core.spec.RestartPolicy;
import dev.swiftdeploy.core.spec.Spec;
import dev.swiftdeploy.core.spec.Version;
import dev.swiftdeploy.local.files.Folders;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import org.assertj.core.api.Assertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProcessReleaseResolverTest extends ReleaseResolverContract {
  private static final String SCRIPT = "app/run.sh";

  @TempDir Path temp;
  private Path folder;
  private ArtifactStore artifacts;
  private int changes;

  @Override
  protected ReleaseResolver open() throws IOException {
    if (folder == null) {
      folder = Files.createDirectories(temp.resolve("project"));
      write(SCRIPT, "echo 0\n");
    }
    artifacts = new ArtifactStore(temp.resolve("state/artifacts"), Clock.systemUTC());
    return new ProcessReleaseResolver(folder, artifacts, Map.of("PATH", "/usr/bin:/bin"));
  }

  private Path write(String path, String text) throws IOException {
    Path file = folder.resolve(path);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, text);
  }

  @Override
  protected Spec.Services services() {
    return services("sh", SCRIPT, "serve");
  }

  private static Spec.Services services(String... command) {
    return services(Map.of(EnvName.of("COLOUR"), "blue"), command);
  }

  private static Spec.Services services(Map<EnvName, String> env, String... command) {
    return new Spec.Services(
        ImageReference.of("app:1"),
        List.of(command),
        Spec.Defaults.SERVICE_PORT,
        Mode.STABLE,
        Version.of("1.0.0"),
        1,
        new TreeMap<>(env),
        new TreeMap<>(),
        Spec.Defaults.HEALTH,
        RestartPolicy.UNLESS_STOPPED);
  }

  @Override
  protected void changeContent() throws IOException {
    write(SCRIPT, "echo " + ++changes + "\n");
  }

  @Override
  protected void removeContent() throws IOException {
    Files.delete(folder.resolve(SCRIPT));
  }

  private List<String> runs(Release release) {
    return new CommandFiles(folder)
        .replaced(release.command(), release.artifacts(), artifacts::path);
  }

  @Test
  void aFileThatTheCommandNamesIsCopiedUnderItsHashAndRunFromThere() throws IOException {
    Release release = resolved(services());

    String sha256 = Digests.sha256("echo 0\n");
    assertThat(release.artifacts()).containsExactly(new Artifact(SCRIPT, sha256));
    Path copy = temp.resolve("state/artifacts").resolve(sha256).resolve("run.sh");
    assertThat(copy).hasContent("echo 0\n");
    assertThat(runs(release)).containsExactly("sh", copy.toString(), "serve");
  }

  @Test
  void whatRunsIsWhatWasAdmittedWhateverBecomesOfTheFile() throws IOException {
    Release release = resolved(services());
    List<String> before = runs(release);

    removeContent();

    assertThat(runs(release)).isEqualTo(before);
    artifacts.verify(release.artifacts().get(0));
    assertThat(Path.of(before.get(1))).hasContent("echo 0\n");
  }

  @Test
  void aCopyThatWasChangedDoesNotRun() throws IOException {
    Release release = resolved(services());
    Path copy = Path.of(runs(release).get(1));
    Files.setPosixFilePermissions(copy, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(copy, "echo X\n");

    Assertions.assertThatThrownBy(() -> artifacts.verify(release.artifacts().get(0)))
        .isInstanceOfSatisfying(PlatformException.class, e -> assertThat(e.fix()).isNotBlank());

    assertThat(resolved(services())).as("it is copied anew").isEqualTo(release);
    artifacts.verify(release.artifacts().get(0));
  }

  @Test
  void aChangeThatLeavesSizeAndTimeAloneIsSeenWhileItIsFresh() throws IOException {
    Release before = resolved(services());
    FileTime time = Files.getLastModifiedTime(folder.resolve(SCRIPT));

    Files.setLastModifiedTime(write(SCRIPT, "echo 9\n"), time);

    assertThat(resolved(services())).isNotEqualTo(before);
  }

  @Test
  void aFileWhoseSizeTimeAndInodeStandIsNotReadAgain() throws IOException {
    FileTime old = FileTime.from(Instant.now().minusSeconds(60));
    Files.setLastModifiedTime(folder.resolve(SCRIPT), old);
    Release release = resolved(services());

    Files.setLastModifiedTime(write(SCRIPT, "echo 9\n"), old);

    assertThat(resolved(services())).isEqualTo(release);
  }

  @Test
  void anEmptyCommandIsToldWithAnExample() {
    assertTold("services.command is missing", "command: [java, -jar,");
  }

  @Test
  void whatIsWrongIsToldWithItsFix() throws IOException {
    write("pom.xml", "");
    write("app/pom.xml", "");
    write("data.txt", "");
    assertTold("no-such-program is not on the PATH", "install it", "no-such-program");
    assertTold(
        "app/target/app.jar does not exist",
        "build it: mvn -q -pl app package",
        "java",
        "-jar",
        "app/target/app.jar");
    assertTold("target/x.jar does not exist", "build it: mvn -q package", "java", "target/x.jar");
    assertTold("./gone does not exist", "build it or put it there", "./gone");
    assertTold("conf.yml does not exist", "build it or put it there", "sh", "conf.yml");
    assertTold("./data.txt is not executable", "chmod +x ./data.txt", "./data.txt");
  }

  private void assertTold(String problem, String fix, String... command) {
    Resolution.Unresolved told = unresolved(services(command));
    assertThat(told.problem() + ": " + told.fix()).contains(problem).contains(fix);
  }

  @Test
  void whatOnlyLooksALittleLikeAPathIsLeftAlone() throws IOException {
    write("lib/a.jar", "not looked at");
    String[] command = {
      "echo",
      "com.example.Main",
      "http://example.com/x.jar",
      "application/json",
      "0.0.0.0:3000",
      "-Xmx64m",
      "/no/such/file.conf",
      "echo java -jar x.jar",
      "--out=new/file.json",
      "",
      "lib"
    };

    Release release = resolved(services(command));

    assertThat(release.artifacts()).isEmpty();
    assertThat(runs(release)).containsExactly(command);
  }

  @Test
  void filesInOptionsAndListsAreArtifactsToo() throws IOException {
    jar("lib/a.jar");
    jar("lib/b.jar");
    write("conf/app.yml", "x: 1");

    Release release =
        resolved(
            services(
                "java", "-cp", "lib/a.jar:lib/none.jar:lib/b.jar", "--conf=conf/app.yml", "Main"));

    assertThat(release.artifacts())
        .extracting(Artifact::path)
        .containsExactly("lib/a.jar", "lib/b.jar", "conf/app.yml");
    Path a = artifacts.path(release.artifacts().get(0));
    Path b = artifacts.path(release.artifacts().get(1));
    Path conf = artifacts.path(release.artifacts().get(2));
    assertThat(runs(release))
        .containsExactly("java", "-cp", a + ":lib/none.jar:" + b, "--conf=" + conf, "Main");
  }

  @Test
  void theProgramItselfCanBeAnArtifactAndStaysExecutable() throws IOException {
    Path program = write("bin/server", "#!/bin/sh\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));

    Release release = resolved(services("bin/server", "x"));

    assertThat(release.artifacts()).extracting(Artifact::path).containsExactly("bin/server");
    assertThat(Path.of(runs(release).get(0))).isExecutable().hasFileName("server");
  }

  @Test
  void aFileNamedLikeAProgramIsNotTakenForIt() throws IOException {
    Path trap = write("sh", "#!/bin/sh\n");
    Files.setPosixFilePermissions(trap, PosixFilePermissions.fromString("rwxr-xr-x"));

    assertThat(resolved(services("sh", "-c", "true")).artifacts()).isEmpty();
  }

  @Test
  void thePathOfTheReleasesOwnEnvCounts() throws IOException {
    Path program = write("tools/special", "#!/bin/sh\n");
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));

    unresolved(services("special"));
    resolved(services(Map.of(EnvName.of("PATH"), folder.resolve("tools").toString()), "special"));
  }

  @Test
  void noWayLeadsOutOfTheManifestsFolder() throws IOException {
    Path secret = Files.writeString(temp.resolve("secret.txt"), "s");
    Files.createSymbolicLink(folder.resolve("link.txt"), secret);
    Files.createSymbolicLink(folder.resolve("up"), temp);
    Files.createDirectories(folder.resolve("inside"));

    for (String way :
        List.of("../secret.txt", "link.txt", "up/secret.txt", "inside/../../secret.txt")) {
      assertThat(unresolved(services("cat", way)).problem()).as(way).contains("leads out");
    }
    assertThat(resolved(services("cat", secret.toString())).artifacts())
        .as("an absolute path to elsewhere is the machine's file")
        .isEmpty();
  }

  @Test
  void oneFileIsOneArtifactHoweverItIsNamed() throws IOException {
    Files.createSymbolicLink(folder.resolve("alias.sh"), folder.resolve(SCRIPT));

    Release release =
        resolved(services("sh", SCRIPT, "./app/../app/run.sh", folder.resolve(SCRIPT).toString()));

    assertThat(release.artifacts()).extracting(Artifact::path).containsExactly(SCRIPT);
    assertThat(Set.copyOf(runs(release))).hasSize(2);
    assertThat(resolved(services("sh", "alias.sh")).artifacts())
        .extracting(Artifact::path)
        .containsExactly("alias.sh");
  }

  @Test
  void aJarThatIsNotWhollyWrittenIsNotResolved() throws IOException {
    Path jar = jar("app/target/app.jar");
    byte[] whole = Files.readAllBytes(jar);
    try (RandomAccessFile file = new RandomAccessFile(jar.toFile(), "rw")) {
      file.setLength(whole.length - 10);
    }

    assertThat(unresolved(services("java", "-jar", "app/target/app.jar")).problem())
        .isEqualTo("app/target/app.jar is not a whole jar");
    Files.write(jar, whole);
    resolved(services("java", "-jar", "app/target/app.jar"));
  }

  private Path jar(String path) throws IOException {
    Path jar = write(path, "");
    try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar))) {
      out.putNextEntry(new JarEntry(path));
      out.write(path.getBytes(java.nio.charset.StandardCharsets.UTF_8));
    }
    return jar;
  }

  @Test
  void aFileOfMoreThanTwoGibibytesIsRefusedUnread() throws IOException {
    try (RandomAccessFile file = new RandomAccessFile(folder.resolve("huge.bin").toFile(), "rw")) {
      file.setLength((2L << 30) + 1); // sparse
    }

    assertThat(unresolved(services("cat", "huge.bin")).problem()).contains("2 GiB");
  }

  @Test
  void copiesThatNobodyNeedsAreRemovedAfterAnHour() throws IOException {
    Release first = resolved(services());
    changeContent();
    Release second = resolved(services());
    changeContent();
    Release third = resolved(services());
    Clock later = Clock.fixed(Instant.now().plus(Duration.ofMinutes(90)), ZoneOffset.UTC);
    ArtifactStore then = new ArtifactStore(temp.resolve("state/artifacts"), later);
    Files.setLastModifiedTime(
        then.path(third.artifacts().get(0)).getParent(), FileTime.from(later.instant()));

    then.prune(Set.of(first.artifacts().get(0).sha256()));

    assertThat(then.path(first.artifacts().get(0))).exists();
    assertThat(then.path(second.artifacts().get(0)).getParent()).doesNotExist();
    assertThat(then.path(third.artifacts().get(0))).exists();
  }

  @Test
  void whoOnlyAsksGetsTheSameReleaseAndNothingIsWritten() throws IOException {
    ReleaseResolver asking =
        new ProcessReleaseResolver(
            folder, Artifacts.unkept(Clock.systemUTC()), Map.of("PATH", "/usr/bin:/bin"));

    assertThat(asking.resolve(services())).isEqualTo(resolver.resolve(services()));
    Folders.delete(temp.resolve("state"));
    asking.resolve(services());
    assertThat(temp.resolve("state")).doesNotExist();
    Files.writeString(folder.resolve("half.jar"), "PK");
    assertThat(asking.resolve(services("java", "half.jar")))
        .isEqualTo(resolver.resolve(services("java", "half.jar")));
  }

  @Test
  void nothingHalfWrittenIsLeftBehind() throws IOException {
    resolved(services());

    try (Stream<Path> all = Files.walk(temp.resolve("state"))) {
      assertThat(all.filter(Files::isRegularFile)).hasSize(1);
    }
  }
}
