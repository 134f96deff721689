package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.loop.Told;
import dev.swiftdeploy.core.plan.Plan;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.local.daemon.Workspace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code swiftdeploy plan}. */
@Command(
    name = "plan",
    mixinStandardHelpOptions = true,
    description = {
      "Shows what would happen next and what policy would say. Changes nothing, records nothing.",
      "",
      "Exit code 3 if policy would block it, 4 if policy can't be asked."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy plan", "  swiftdeploy plan -o json"})
final class PlanCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private OutputOption output = new OutputOption();

  PlanCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * What {@code plan -o json} prints for each resource.
   *
   * @param verdict what policy would say; absent if nothing is proposed
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Planned(
      String resource,
      String rule,
      String why,
      String step,
      Optional<String> verdict,
      Optional<String> message) {}

  @Override
  public Integer call() {
    Workspace workspace = manifest.workspace();
    Account.requireAccess(workspace);
    List<Planned> all = new ArrayList<>();
    int code = Exit.DONE;
    for (Resource resource : meant(Manifests.read(workspace, terminal))) {
      Inspection.Seen seen = Inspection.look(workspace, resource, true);
      Plan plan = seen.view().plan();
      all.add(
          new Planned(
              resource.name().value(),
              plan.rule(),
              plan.why(),
              plan.step().text(),
              seen.wouldBe().map(d -> d.verdict().word()),
              seen.wouldBe().map(Told::verdict)));
      code = Math.max(code, seen.wouldBe().map(PlanCommand::code).orElse(Exit.DONE));
    }
    terminal.data(output.json() ? OutputOption.render(all) : text(all));
    return code;
  }

  private List<Resource> meant(List<Resource> all) {
    return manifest.resource() == null ? all : List.of(Manifests.pick(all, manifest.resource()));
  }

  private static int code(Entry.Decided decided) {
    return switch (decided.verdict()) {
      case ALLOWED -> Exit.DONE;
      case DENIED -> Exit.BLOCKED;
      case UNAVAILABLE -> Exit.UNAVAILABLE;
    };
  }

  private String text(List<Planned> all) {
    StringBuilder out = new StringBuilder();
    for (Planned p : all) {
      out.append(terminal.styled(Terminal.Style.BOLD, p.resource()))
          .append("  ")
          .append(p.rule())
          .append(": ")
          .append(p.why())
          .append("\n  ")
          .append(p.step())
          .append('\n');
      p.message().ifPresent(m -> out.append("  policy would say ").append(m).append('\n'));
    }
    return out.toString();
  }
}
