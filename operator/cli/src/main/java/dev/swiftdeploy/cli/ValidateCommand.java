package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.manifest.Problem;
import dev.swiftdeploy.adapters.manifest.Severity;
import dev.swiftdeploy.core.admission.PolicyRevision;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Resolution;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Supplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code swiftdeploy validate}. */
@Command(
    name = "validate",
    mixinStandardHelpOptions = true,
    description = {
      "Checks the manifest and this machine, a line for each check: PASS, or FAIL with the fix.",
      "",
      "Changes nothing. Exit code 1 if a check fails."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy validate", "  swiftdeploy validate -f shop.yaml -o json"})
final class ValidateCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private PlatformOption platform = new PlatformOption();
  @Mixin private OutputOption output = new OutputOption();
  private final List<Check> checks = new ArrayList<>();

  ValidateCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * One check, as {@code validate -o json} prints it.
   *
   * @param fix what to do, where it failed
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Check(String name, boolean passed, String detail, Optional<String> fix) {}

  @Override
  public Integer call() {
    Workspace workspace = manifest.workspace();
    Account.requireAccess(workspace);
    Optional<ManifestResult.Manifest> declared = manifestChecks(workspace);
    if (declared.isPresent()) {
      for (int i = 0; i < declared.get().resources().size(); i++) {
        String command =
            workspace.manifest().getFileName() + ":" + declared.get().origins().get(i).command();
        machineChecks(workspace, declared.get().resources().get(i), command);
      }
    }
    boolean passed = checks.stream().allMatch(Check::passed);
    if (output.json()) {
      terminal.data(OutputOption.render(checks));
    } else {
      checks.forEach(this::print);
    }
    return passed ? Exit.DONE : Exit.FAILED;
  }

  private Optional<ManifestResult.Manifest> manifestChecks(Workspace workspace) {
    if (Files.notExists(workspace.manifest())) {
      fail("YAML is valid", "there is no " + workspace.manifest(), "swiftdeploy init writes one");
      return Optional.empty();
    }
    ManifestResult result = FileManifestSource.read(workspace);
    List<Problem> errors =
        result.problems().stream().filter(p -> p.severity() == Severity.ERROR).toList();
    result.problems().stream()
        .filter(p -> p.severity() != Severity.ERROR)
        .forEach(p -> terminal.talk(p.text()));
    List<Problem> syntax = errors.stream().filter(p -> p.path().isEmpty()).toList();
    List<Problem> fields = errors.stream().filter(p -> !p.path().isEmpty()).toList();
    if (syntax.isEmpty()) {
      pass("YAML is valid", workspace.manifest().toString());
    } else {
      syntax.forEach(p -> fail("YAML is valid", p.text(), ""));
    }
    if (fields.isEmpty() && syntax.isEmpty()) {
      pass("required fields are there", "and every value is usable");
    }
    fields.forEach(p -> fail("required fields are there", p.text(), ""));
    return result instanceof ManifestResult.Manifest good ? Optional.of(good) : Optional.empty();
  }

  private void machineChecks(Workspace workspace, Resource resource, String command) {
    FileHistory history = FileHistory.read(workspace.history());
    try (Wiring.Parts parts =
        Wiring.lookAndAsk(platform.choice(workspace), resource, new ReadOnlyAudit(history))) {
      String of = resource.name() + ": ";
      Resolution resolution = parts.ports().resolver().resolve(resource.spec().services());
      if (resolution instanceof Resolution.Resolved resolved) {
        pass(of + "what is to run exists", "release " + resolved.release().summary().label());
      } else if (resolution instanceof Resolution.Unresolved unresolved) {
        fail(of + "what is to run exists", command + ": " + unresolved.problem(), unresolved.fix());
      }
      attempt(
          of + "the proxy's port is free, or ours",
          () -> ProxyChecks.port(parts.proxy(), resource.spec().nginx().port()));
      attempt(
          of + "the proxy's configuration is valid",
          () -> ProxyChecks.configuration(parts.proxy(), resource));
      PolicyRevision policy = parts.policyRevision();
      if (policy.digest().isPresent() && policy.problem().isEmpty()) {
        pass(of + "policy can decide", policyText(parts, policy));
      } else {
        fail(
            of + "policy can decide",
            policy.problem().orElse("no policy could be loaded"),
            "see policies/ and its README");
      }
    }
  }

  private static String policyText(Wiring.Parts parts, PolicyRevision policy) {
    return parts.ports().policy().name()
        + " engine, policy "
        + policy.digest().map(d -> d.substring(0, 12)).orElse("");
  }

  private void attempt(String name, Supplier<String> check) {
    try {
      pass(name, check.get());
    } catch (PlatformException e) {
      fail(name, String.valueOf(e.getMessage()), e.fix());
    }
  }

  private void pass(String name, String detail) {
    checks.add(new Check(name, true, detail, Optional.empty()));
  }

  private void fail(String name, String detail, String fix) {
    checks.add(new Check(name, false, detail, fix.isEmpty() ? Optional.empty() : Optional.of(fix)));
  }

  private void print(Check check) {
    String word =
        check.passed()
            ? terminal.styled(Terminal.Style.GREEN, "PASS")
            : terminal.styled(Terminal.Style.RED, "FAIL");
    terminal.data(
        word
            + "  "
            + check.name()
            + " ("
            + check.detail()
            + ")"
            + check.fix().map(f -> ". Fix: " + f).orElse("")
            + "\n");
  }
}
