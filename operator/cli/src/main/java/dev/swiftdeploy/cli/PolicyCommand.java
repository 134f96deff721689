package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.swiftdeploy.adapters.policy.OpaProgram;
import dev.swiftdeploy.adapters.policy.PolicyBuilder;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import dev.swiftdeploy.adapters.policy.PolicyProblem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code swiftdeploy policy}: for those who write policy; no daemon and no network. */
@Command(
    name = "policy",
    mixinStandardHelpOptions = true,
    description = "Checks, tests and builds a directory of policies. Needs opa, and no network.",
    subcommands = {
      PolicyCommand.Check.class,
      PolicyCommand.Test.class,
      PolicyCommand.Build.class,
      PolicyConfigMapCommand.class
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy policy check            format, opa check --strict, entrypoint, data",
      "  swiftdeploy policy test --coverage  the tests, and what they leave out",
      "  swiftdeploy policy build            compile what passes into bundle/",
      "  swiftdeploy policy config-map       print that as a ConfigMap, for an operator in a cluster"
    })
final class PolicyCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Override
  public Integer call() {
    CommandLine line = Objects.requireNonNull(spec).commandLine();
    throw new ParameterException(line, "policy what? One of: check, test, build, config-map");
  }

  /**
   * One thing that was looked at, as {@code -o json} prints it.
   *
   * @param fix what to do, where it failed
   * @param more further lines: each test that fails, each place that no test reaches
   */
  @JsonInclude(JsonInclude.Include.NON_EMPTY)
  record Looked(
      String check,
      @JsonInclude(JsonInclude.Include.ALWAYS) boolean passed,
      String detail,
      Optional<String> fix,
      List<String> more) {
    static Looked of(PolicyBuilder.Finding finding) {
      return new Looked(
          finding.name(),
          finding.passed(),
          finding.detail(),
          finding.problem().map(PolicyProblem::nextStep),
          finding.more());
    }
  }

  /** Which policies. */
  static final class Directory {
    @Parameters(
        arity = "0..1",
        paramLabel = "DIR",
        defaultValue = "policies",
        description = "The directory with the policies. Default: ${DEFAULT-VALUE}")
    private Path path = Path.of("policies");

    Path path() {
      if (!Files.isDirectory(path)) {
        throw new CommandFailure(
            Exit.USAGE, "there is no directory " + path, "name the one with the policies");
      }
      return path;
    }
  }

  /** What goes wrong before anything could be looked at. */
  private interface Asking<T> {
    T of(PolicyBuilder builder) throws IOException, InterruptedException;
  }

  private static <T> T asked(Asking<T> asking) throws InterruptedException {
    try {
      return asking.of(new PolicyBuilder(OpaProgram.find(System.getenv())));
    } catch (IOException e) {
      throw new CommandFailure(
          Exit.FAILED,
          Failures.text(e),
          "policies are checked, tested and compiled with opa; those in use go on without it");
    }
  }

  private static int tell(Terminal terminal, boolean json, List<Looked> all) {
    if (json) {
      terminal.data(OutputOption.render(all));
    } else {
      all.forEach(each -> print(terminal, each));
    }
    return all.stream().allMatch(Looked::passed) ? Exit.DONE : Exit.FAILED;
  }

  private static void print(Terminal terminal, Looked each) {
    terminal.data(
        (each.passed()
                ? terminal.styled(Terminal.Style.GREEN, "PASS")
                : terminal.styled(Terminal.Style.RED, "FAIL"))
            + "  "
            + each.check()
            + " ("
            + each.detail()
            + ")"
            + each.fix().map(fix -> ". Fix: " + fix).orElse("")
            + "\n");
    each.more().forEach(line -> terminal.data("      " + line + "\n"));
  }

  /** {@code swiftdeploy policy check}. */
  @Command(
      name = "check",
      mixinStandardHelpOptions = true,
      description = {
        "Looks at policies without running a test: format, opa check --strict with the built-ins"
            + " that every engine has, the entrypoint, data.json, and whether the bundle was built"
            + " from these sources.",
        "",
        "Exit code 1 if something is wrong."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  swiftdeploy policy check",
        "  swiftdeploy policy check stricter -o json | jq '.[] | select(.passed | not)'"
      })
  static final class Check implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private Directory directory = new Directory();
    @Mixin private OutputOption output = new OutputOption();

    Check(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
      Path path = directory.path();
      List<Looked> all =
          new ArrayList<>(asked(b -> b.check(path)).stream().map(Looked::of).toList());
      all.add(bundle(path));
      return tell(terminal, output.json(), all);
    }

    private static Looked bundle(Path path) {
      String name = "the bundle is of these sources";
      PolicyBundle.Read read = PolicyBundle.read(path);
      if (Files.notExists(path.resolve("bundle"))) {
        return new Looked(
            name, true, "there is none yet: policy build makes it", Optional.empty(), List.of());
      }
      return read instanceof PolicyBundle.Refused refused
          ? new Looked(
              name,
              false,
              refused.problem().message(),
              Optional.of(refused.problem().nextStep()),
              List.of())
          : new Looked(
              name,
              true,
              "policy " + ((PolicyBundle.Good) read).bundle().digest(),
              Optional.empty(),
              List.of());
    }
  }

  /** {@code swiftdeploy policy test}. */
  @Command(
      name = "test",
      mixinStandardHelpOptions = true,
      description = {
        "Runs the tests of policies: rules named test_… in files named …_test.rego.",
        "",
        "Exit code 1 if one fails, if there are none, or if --coverage finds what none reaches."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  swiftdeploy policy test",
        "  swiftdeploy policy test stricter --coverage",
        "  swiftdeploy policy test -o json | jq '.[].more'"
      })
  static final class Test implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private Directory directory = new Directory();
    @Mixin private OutputOption output = new OutputOption();

    @Option(
        names = "--coverage",
        description = "Every expression of a policy has to be reached by a test.")
    private boolean coverage;

    Test(Terminal terminal) {
      this.terminal = terminal;
    }

    @Override
    public Integer call() throws InterruptedException {
      Path path = directory.path();
      return tell(
          terminal,
          output.json(),
          asked(b -> b.test(path, coverage)).stream().map(Looked::of).toList());
    }
  }

  /** {@code swiftdeploy policy build}. */
  @Command(
      name = "build",
      mixinStandardHelpOptions = true,
      description = {
        "Checks and tests policies, and compiles what passes into bundle/: what every engine loads,"
            + " also where there is no opa. The same sources and the same opa give the same bytes.",
        "",
        "The digest that it prints, of the compiled policy and data.json, is the one in records."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  swiftdeploy policy build",
        "  swiftdeploy policy build --check      only say whether bundle/ is up to date",
        "  swiftdeploy policy build stricter -o json | jq -r .digest"
      })
  static final class Build implements Callable<Integer> {
    private final Terminal terminal;
    @Mixin private Directory directory = new Directory();
    @Mixin private OutputOption output = new OutputOption();

    @Option(names = "--check", description = "Write nothing; exit code 1 if bundle/ is stale.")
    private boolean check;

    Build(Terminal terminal) {
      this.terminal = terminal;
    }

    /** What was built, as {@code -o json} prints it. */
    record Made(
        String digest,
        @JsonProperty("wasm_sha256") String wasm,
        int sources,
        @JsonProperty("up_to_date") boolean upToDate) {}

    @Override
    public Integer call() throws InterruptedException, IOException {
      Path path = directory.path();
      PolicyBundle.Read read = asked(b -> b.build(path));
      if (read instanceof PolicyBundle.Refused refused) {
        throw new CommandFailure(
            Exit.FAILED, refused.problem().message(), refused.problem().nextStep());
      }
      PolicyBundle policy = ((PolicyBundle.Good) read).bundle();
      boolean same = policy.isIn(path);
      if (!same && !check) {
        policy.writeTo(path);
      }
      Made made = new Made(policy.digest(), policy.wasmSha256(), policy.sources(), same);
      terminal.data(output.json() ? OutputOption.render(made) : text(path, made));
      if (!same && check) {
        throw new CommandFailure(
            Exit.FAILED, path + "/bundle is stale", "swiftdeploy policy build " + path);
      }
      return Exit.DONE;
    }

    private String text(Path path, Made made) {
      return path
          + "/bundle "
          + (made.upToDate() ? "is up to date" : check ? "is stale" : "was built")
          + ": policy "
          + made.digest()
          + ", from "
          + made.sources()
          + " files\n";
    }
  }
}
