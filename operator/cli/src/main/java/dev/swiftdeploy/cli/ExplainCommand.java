package dev.swiftdeploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.adapters.audit.FileHistory;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.RuleTitles;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.report.Explanation;
import java.io.IOException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy explain}. */
@Command(
    name = "explain",
    mixinStandardHelpOptions = true,
    description = {
      "Says why a decision came out as it did: what was observed, against which threshold, by"
          + " which rule, and what became of it.",
      "",
      "In a cluster (--namespace, --context) of any resource of the namespace, or of --resource.",
      "",
      "-o json prints the whole record, with all that policy was given."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy explain               the last decision",
      "  swiftdeploy explain d-3f2a9c01b7de --input",
      "  swiftdeploy explain --namespace shop --resource checkout"
    })
final class ExplainCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();
  @Mixin private OutputOption output = new OutputOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "DECISION",
      description = "Its id, or how it begins. Default: the last one.")
  private @Nullable String decision;

  @Option(names = "--input", description = "Also print all that policy was given.")
  private boolean input;

  ExplainCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (place.cluster()) {
      ContextOption.requireKubernetes();
      try (ClusterAudit audit = ClusterAudit.open(place)) {
        return explain(
            audit.chains(Optional.ofNullable(place.resource()), false),
            audit.policies(),
            audit::command);
      }
    }
    FileHistory history = AuditCommand.history(place.workspace());
    PolicyArchive archive = new PolicyArchive(place.workspace().policies());
    return explain(
        List.of(new Chained(Optional.empty(), history.records())),
        archive::read,
        words -> "swiftdeploy " + words);
  }

  private int explain(List<Chained> chains, PolicyShelf policies, UnaryOperator<String> command)
      throws IOException {
    List<AuditRecord> all =
        chains.stream()
            .flatMap(chain -> chain.records().stream())
            .filter(r -> r.entry() instanceof Entry.Decided)
            .sorted(Comparator.comparing(AuditRecord::ts)) // within a chain their order stays
            .toList();
    List<AuditRecord> decisions = meant(all, command);
    AuditRecord record = decisions.get(decisions.size() - 1);
    if (output.json()) {
      terminal.data(OutputOption.render(Json.MAPPER.readTree(record.line())));
      return Exit.DONE;
    }
    List<AuditRecord> chain =
        chains.stream()
            .map(Chained::records)
            .filter(records -> records.contains(record))
            .findFirst()
            .orElseThrow();
    RuleTitles titles = titles((Entry.Decided) record.entry(), policies);
    terminal.data(Explanation.of(chain, id(record), titles::title).orElseThrow());
    if (input) {
      JsonNode given = ((Entry.Decided) record.entry()).input().orElse(null);
      terminal.data(given == null ? "  policy was not asked\n" : OutputOption.render(given));
    }
    return Exit.DONE;
  }

  /** As the policy that judged has them, if it is still kept. */
  private static RuleTitles titles(Entry.Decided decided, PolicyShelf policies) {
    boolean wanted = decided.decision().filter(d -> !d.violations().isEmpty()).isPresent();
    return decided
        .policy()
        .digest()
        .filter(d -> wanted)
        .flatMap(digest -> policies.read(digest))
        .map(RuleTitles::of)
        .orElseGet(RuleTitles::none);
  }

  /** All decisions, or the one whose id it is, or that alone begins so. */
  private List<AuditRecord> meant(List<AuditRecord> all, UnaryOperator<String> command) {
    if (decision == null) {
      if (all.isEmpty()) {
        throw new CommandFailure(
            Exit.USAGE,
            "no decision was made yet",
            "see how it stands with: " + command.apply("status"));
      }
      return all;
    }
    List<AuditRecord> exact = all.stream().filter(r -> id(r).equals(decision)).toList();
    List<AuditRecord> begun =
        all.stream()
            .filter(r -> id(r).startsWith(decision) || id(r).startsWith("d-" + decision))
            .toList();
    List<AuditRecord> meant = exact.isEmpty() ? begun : exact;
    List<String> ids = meant.stream().map(ExplainCommand::id).distinct().toList();
    if (ids.size() == 1) {
      return meant;
    }
    throw new CommandFailure(
        Exit.USAGE,
        ids.isEmpty()
            ? "there is no decision " + decision
            : decision + " may be any of " + String.join(", ", ids),
        "see the last ones with: " + command.apply("audit --output -"));
  }

  private static String id(AuditRecord record) {
    return ((Entry.Decided) record.entry()).decisionId();
  }
}
