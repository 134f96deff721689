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
import java.util.List;
import java.util.concurrent.Callable;
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
      "-o json prints the whole record, with all that policy was given."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy explain               the last decision",
      "  swiftdeploy explain d-3f2a9c01b7de --input"
    })
final class ExplainCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
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
    FileHistory history = AuditCommand.history(manifest.workspace());
    List<AuditRecord> decisions = meant(history.records());
    AuditRecord record = decisions.get(decisions.size() - 1);
    if (output.json()) {
      terminal.data(OutputOption.render(Json.MAPPER.readTree(record.line())));
      return Exit.DONE;
    }
    RuleTitles titles = titles((Entry.Decided) record.entry());
    terminal.data(Explanation.of(history.records(), id(record), titles::title).orElseThrow());
    if (input) {
      JsonNode given = ((Entry.Decided) record.entry()).input().orElse(null);
      terminal.data(given == null ? "  policy was not asked\n" : OutputOption.render(given));
    }
    return Exit.DONE;
  }

  /** As the policy that judged has them, if it is still kept. */
  private RuleTitles titles(Entry.Decided decided) {
    PolicyArchive archive = new PolicyArchive(manifest.workspace().policies());
    return decided
        .policy()
        .digest()
        .flatMap(archive::read)
        .map(RuleTitles::of)
        .orElseGet(RuleTitles::none);
  }

  /** All decisions, or the one whose id it is, or that alone begins so. */
  private List<AuditRecord> meant(List<AuditRecord> records) {
    List<AuditRecord> all =
        records.stream().filter(r -> r.entry() instanceof Entry.Decided).toList();
    if (decision == null) {
      if (all.isEmpty()) {
        throw new CommandFailure(
            Exit.USAGE, "no decision was made yet", "see how it stands with: swiftdeploy status");
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
        "see the last ones with: swiftdeploy audit --output -");
  }

  private static String id(AuditRecord record) {
    return ((Entry.Decided) record.entry()).decisionId();
  }
}
