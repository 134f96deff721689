package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Checks, tests and compiles a policies directory with {@code opa}. Only what passes becomes a
 * policy; nothing is written to the directory itself.
 *
 * <p>Policies may use only the built-ins of our capabilities, and of their own {@code
 * capabilities.json} where they bring one: no clock, no network, no randomness, and nothing that
 * the embedded engine lacks. Tests may use all.
 */
public final class PolicyBuilder {
  private static final Duration CHECKS = Duration.ofMinutes(1);
  private static final Duration TESTS = Duration.ofMinutes(10);
  private static final String BUNDLE = "bundle.tar.gz";
  private static final int LARGEST_WASM = 16 << 20;
  private static final Pattern HEADING =
      Pattern.compile(
          "^(error: )?(failed to format Rego source file: )?\\d+ errors? occurred[a-z ]*:\\s*");
  private static final String IGNORED = "bundle,capabilities.json";

  private final OpaProgram opa;

  /**
   * One thing that was looked at.
   *
   * @param name what it was
   * @param detail what came of it; where it failed: at which file and line
   * @param problem empty: it passed
   * @param more lines for a person, such as a difference
   */
  public record Finding(
      String name, String detail, Optional<PolicyProblem> problem, List<String> more) {
    static Finding passed(String name, String detail) {
      return new Finding(name, detail, Optional.empty(), List.of());
    }

    static Finding failed(String name, PolicyProblem problem, List<String> more) {
      return new Finding(name, problem.message(), Optional.of(problem), more);
    }

    /** Whether all is well. */
    public boolean passed() {
      return problem.isEmpty();
    }
  }

  /** With this program. */
  public PolicyBuilder(OpaProgram opa) {
    this.opa = opa;
  }

  // ---- all of it -----------------------------------------------------------------------

  /**
   * Checks, tests and compiles.
   *
   * @throws IOException if opa or the directory can't be used at all
   */
  public PolicyBundle.Read build(Path directory) throws IOException, InterruptedException {
    try (PolicyWorkbench bench = PolicyWorkbench.of(directory)) {
      for (Finding finding : List.of(sources(bench), data(bench), strict(bench))) {
        if (!finding.passed()) {
          return refused(finding);
        }
      }
      Finding tests = tests(bench);
      return tests.passed() || bench.rego().equals(bench.sources())
          ? compile(bench)
          : refused(tests);
    }
  }

  private static PolicyBundle.Refused refused(Finding finding) {
    return new PolicyBundle.Refused(finding.problem().orElseThrow(), false);
  }

  /** Format, strict checks, the entrypoint, the data: without running a test. */
  public List<Finding> check(Path directory) throws IOException, InterruptedException {
    try (PolicyWorkbench bench = PolicyWorkbench.of(directory)) {
      List<Finding> findings = new ArrayList<>();
      Finding sources = sources(bench);
      findings.add(sources);
      if (sources.passed()) {
        findings.add(data(bench));
        findings.add(format(bench));
        Finding strict = strict(bench);
        findings.add(strict);
        if (strict.passed() && findings.get(1).passed()) {
          findings.add(compiled(compile(bench)));
        }
      }
      return findings;
    }
  }

  /** Runs the tests; with coverage, every expression of a policy has to be reached by one. */
  public List<Finding> test(Path directory, boolean coverage)
      throws IOException, InterruptedException {
    try (PolicyWorkbench bench = PolicyWorkbench.of(directory)) {
      List<Finding> findings = new ArrayList<>(List.of(sources(bench)));
      if (findings.get(0).passed()) {
        findings.add(tests(bench));
        if (coverage && findings.get(1).passed()) {
          findings.add(coverage(bench));
        }
      }
      return findings;
    }
  }

  // ---- each ------------------------------------------------------------------------------

  private static Finding sources(PolicyWorkbench bench) {
    List<String> sources = bench.sources();
    String title = String.valueOf(bench.folder().getFileName());
    return sources.isEmpty()
        ? Finding.failed(
            "policies are there",
            new PolicyProblem(
                "there is no policy in " + title,
                "put Rego there that defines data.swiftdeploy.admission.decision"),
            List.of())
        : Finding.passed("policies are there", sources.size() + " files");
  }

  private static Finding data(PolicyWorkbench bench) throws IOException {
    String name = "data.json is an object";
    return PolicyBundle.problemOfData(bench.folder())
        .map(problem -> Finding.failed(name, problem, List.of()))
        .orElseGet(() -> Finding.passed(name, "with each name once"));
  }

  private Finding format(PolicyWorkbench bench) throws IOException, InterruptedException {
    String name = "formatted as opa fmt does";
    OpaProgram.Ran list = opa(bench, CHECKS, List.of("fmt", "--list"), bench.rego());
    if (!list.done()) {
      return Finding.failed(name, told(bench, list, "correct it"), List.of());
    }
    List<String> odd = list.out().lines().filter(l -> !l.isBlank()).toList();
    if (odd.isEmpty()) {
      return Finding.passed(name, bench.rego().size() + " files");
    }
    String first = odd.get(0);
    List<String> is = Files.readString(bench.folder().resolve(first)).lines().toList();
    List<String> wanted = opa(bench, CHECKS, List.of("fmt"), List.of(first)).out().lines().toList();
    int line = 0;
    while (line < is.size() && line < wanted.size() && is.get(line).equals(wanted.get(line))) {
      line++;
    }
    return Finding.failed(
        name,
        new PolicyProblem(
            title(bench, first) + ":" + (line + 1) + " is not formatted",
            "opa fmt --write " + String.join(" ", odd)),
        List.of("is:     " + at(is, line), "wanted: " + at(wanted, line)));
  }

  private static String at(List<String> lines, int line) {
    return line < lines.size() ? lines.get(line) : "(the end)";
  }

  private Finding strict(PolicyWorkbench bench) throws IOException, InterruptedException {
    String name = "opa check --strict";
    Path ours = bench.beside("capabilities.json");
    Files.write(ours, capabilities());
    List<Path> allowed = new ArrayList<>(List.of(ours));
    Path own = bench.folder().resolve("capabilities.json");
    if (Files.exists(own)) {
      allowed.add(own);
    }
    for (Path each : allowed) {
      OpaProgram.Ran ran =
          opa(
              bench,
              CHECKS,
              List.of("check", "--strict", "--capabilities", each.toString()),
              bench.sources());
      if (!ran.done()) {
        return Finding.failed(name, told(bench, ran, nextStep(ran)), List.of());
      }
    }
    OpaProgram.Ran all = opa(bench, CHECKS, List.of("check", "--strict"), bench.rego());
    return all.done()
        ? Finding.passed(name, "with the built-ins that every engine has")
        : Finding.failed(name, told(bench, all, "correct it"), List.of());
  }

  private static String nextStep(OpaProgram.Ran ran) {
    return said(ran).contains("undefined function")
        ? "use only what capabilities.json lists: no clock, network or randomness; the input has"
            + " the time"
        : "correct it";
  }

  private Finding tests(PolicyWorkbench bench) throws IOException, InterruptedException {
    String name = "tests pass";
    OpaProgram.Ran ran =
        opa(
            bench,
            TESTS,
            // opa's five seconds for a test are too few on a busy machine
            List.of("test", ".", "--ignore", IGNORED, "--timeout", "1m", "--format", "json"),
            List.of());
    JsonNode results;
    try {
      results = StrictJson.read(ran.out());
    } catch (JsonProcessingException e) {
      return Finding.failed(name, told(bench, ran, "correct it"), List.of());
    }
    List<String> failures = new ArrayList<>();
    int passed = 0;
    for (JsonNode each : byPlace(results)) {
      if (each.path("fail").asBoolean() || each.hasNonNull("error")) {
        failures.add(
            title(bench, each.at("/location/file").asText())
                + ":"
                + each.at("/location/row").asInt()
                + ": "
                + each.path("name").asText()
                + (each.hasNonNull("error") ? error(bench, each.path("error")) : " fails"));
      } else if (!each.path("skip").asBoolean()) {
        passed += Math.max(1, each.path("sub_results").size());
      }
    }
    if (!failures.isEmpty()) {
      return Finding.failed(
          name,
          new PolicyProblem(
              failures.get(0)
                  + (failures.size() > 1 ? ", and " + (failures.size() - 1) + " more" : ""),
              "correct the policy or its test; swiftdeploy policy test shows all"),
          failures);
    }
    if (!ran.done()) {
      return Finding.failed(name, told(bench, ran, "correct it"), List.of());
    }
    return passed == 0
        ? Finding.failed(
            name,
            new PolicyProblem(
                "there are no tests in " + bench.folder().getFileName(),
                "write some: rules named test_… in files named …_test.rego"),
            List.of())
        : Finding.passed(name, passed + " of " + passed);
  }

  private static String error(PolicyWorkbench bench, JsonNode error) {
    String place = error.at("/location/file").asText();
    return " ended with an error: "
        + (place.isEmpty() ? "" : title(bench, place) + ":" + error.at("/location/row") + ": ")
        + error.path("code").asText()
        + ": "
        + error.path("message").asText().lines().findFirst().orElse("").replaceFirst(":$", "");
  }

  /** opa runs several at once, and tells of them as they end. */
  private static List<JsonNode> byPlace(JsonNode results) {
    List<JsonNode> all = new ArrayList<>();
    results.forEach(all::add);
    all.sort(
        Comparator.comparing((JsonNode each) -> each.at("/location/file").asText())
            .thenComparingInt(each -> each.at("/location/row").asInt()));
    return all;
  }

  /**
   * By expression, so that an {@code or} of several rules counts each. What only an early exit
   * leaves out is as good as reached: another rule had given the same answer.
   */
  private Finding coverage(PolicyWorkbench bench) throws IOException, InterruptedException {
    String name = "tests reach every expression";
    OpaProgram.Ran ran =
        opa(
            bench,
            TESTS,
            List.of(
                "test",
                ".",
                "--ignore",
                IGNORED,
                "--timeout",
                "1m",
                "--coverage",
                "--format",
                "json"),
            List.of());
    JsonNode files;
    try {
      files = StrictJson.read(ran.out()).path("files");
    } catch (JsonProcessingException e) {
      return Finding.failed(name, told(bench, ran, "correct it"), List.of());
    }
    List<String> gaps = new ArrayList<>();
    for (String source : bench.sources()) {
      if (!files.has(source)) {
        gaps.add(title(bench, source) + ":1");
      }
      for (JsonNode gap : files.path(source).path("not_covered")) {
        if (!gap.path("kind").asText().equals("early_exit")) {
          gaps.add(title(bench, source) + ":" + gap.at("/start/row").asInt());
        }
      }
    }
    return gaps.isEmpty()
        ? Finding.passed(name, bench.sources().size() + " policies")
        : Finding.failed(
            name,
            new PolicyProblem(
                "no test reaches "
                    + gaps.get(0)
                    + (gaps.size() > 1 ? ", and " + (gaps.size() - 1) + " more" : ""),
                "write a test for it, or take it out"),
            gaps);
  }

  // ---- compiling ---------------------------------------------------------------------------

  private static Finding compiled(PolicyBundle.Read read) {
    String name = "it compiles, with its entrypoint";
    return read instanceof PolicyBundle.Good good
        ? Finding.passed(name, "policy " + good.bundle().digest())
        : Finding.failed(name, ((PolicyBundle.Refused) read).problem(), List.of());
  }

  private PolicyBundle.Read compile(PolicyWorkbench bench)
      throws IOException, InterruptedException {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "build",
                "--target",
                "wasm",
                "--entrypoint",
                PolicyBundle.ENTRYPOINT,
                "--capabilities",
                bench.beside("capabilities.json").toString(),
                "--output",
                bench.beside(BUNDLE).toString()));
    OpaProgram.Ran ran = opa(bench, CHECKS, arguments, bench.sources());
    if (!ran.done()) {
      return new PolicyBundle.Refused(
          said(ran).startsWith("entrypoint ")
              ? new PolicyProblem(
                  bench.folder().getFileName() + " has no data.swiftdeploy.admission.decision",
                  "define the rule decision in a package swiftdeploy.admission")
              : told(bench, ran, "correct it"),
          false);
    }
    byte[] wasm =
        TarGz.file(Files.readAllBytes(bench.beside(BUNDLE)), "/policy.wasm", LARGEST_WASM)
            .orElseThrow(() -> new IOException("opa build made no policy.wasm"));
    Path into = Files.createDirectories(bench.folder().resolve("bundle"));
    Files.write(into.resolve("policy.wasm"), wasm);
    Files.writeString(into.resolve("bundle.json"), description(bench, wasm));
    return PolicyBundle.read(bench.folder());
  }

  /** What the bundle was compiled from; the same sources and the same opa give the same text. */
  private String description(PolicyWorkbench bench, byte[] wasm)
      throws IOException, InterruptedException {
    List<String> sources = new ArrayList<>();
    for (String source : bench.sources()) {
      byte[] bytes = Files.readAllBytes(bench.folder().resolve(source));
      sources.add("    \"" + source + "\": \"" + Digests.sha256(bytes) + "\"");
    }
    return """
        {
          "entrypoint": "%s",
          "wasm_sha256": "%s",
          "sources": {
        %s
          },
          "opa": "%s",
          "capabilities_sha256": "%s"
        }
        """
        .formatted(
            PolicyBundle.ENTRYPOINT,
            Digests.sha256(wasm),
            String.join(",\n", sources),
            opa.version(bench.folder()),
            Digests.sha256(capabilities()));
  }

  /** The built-ins that policies may use: {@code policies/capabilities.json} of this version. */
  private static byte[] capabilities() throws IOException {
    try (InputStream in = PolicyBuilder.class.getResourceAsStream("capabilities.json")) {
      if (in == null) {
        throw new IOException("capabilities.json is not in this build");
      }
      return in.readAllBytes();
    }
  }

  // ---- in words ------------------------------------------------------------------------------

  private OpaProgram.Ran opa(
      PolicyWorkbench bench, Duration deadline, List<String> arguments, List<String> files)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(arguments);
    all.addAll(files);
    return opa.run(bench.folder(), deadline, all);
  }

  private static PolicyProblem told(PolicyWorkbench bench, OpaProgram.Ran ran, String nextStep) {
    String said = said(ran);
    return new PolicyProblem(
        said.matches("[^: ]+\\.[a-z]+:\\d+:.*") ? title(bench, said) : said, nextStep);
  }

  private static String title(PolicyWorkbench bench, String name) {
    return bench.folder().getFileName() + "/" + name;
  }

  /** The first thing that opa complains of, in one line. */
  private static String said(OpaProgram.Ran ran) {
    String text = (ran.err().isBlank() ? ran.out() : ran.err()).strip();
    Matcher heading = HEADING.matcher(text);
    String first =
        (heading.find() ? text.substring(heading.end()) : text).lines().findFirst().orElse("");
    String line = first.strip().replaceFirst("^error: ", "");
    return line.isEmpty()
        ? "opa ended with code " + ran.exitCode()
        : line.substring(0, Math.min(line.length(), 300));
  }
}
