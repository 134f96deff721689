package dev.swiftdeploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.adapters.audit.FileHistory;
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
    List<AuditRecord> decisions =
        history.records().stream()
            .filter(r -> r.entry() instanceof Entry.Decided d && meant(d.decisionId()))
            .toList();
    if (decisions.isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE,
          decision == null ? "no decision was made yet" : "there is no decision " + decision,
          "see the last ones with: swiftdeploy audit --report -");
    }
    long ids = decisions.stream().map(ExplainCommand::id).distinct().count();
    if (decision != null && ids > 1) {
      throw new CommandFailure(
          Exit.USAGE,
          decision + " may be any of " + decisions.stream().map(ExplainCommand::id).toList(),
          "");
    }
    AuditRecord record = decisions.get(decisions.size() - 1);
    if (output.json()) {
      terminal.data(OutputOption.render(Json.MAPPER.readTree(record.line())));
      return Exit.DONE;
    }
    terminal.data(Explanation.of(history.records(), id(record)).orElseThrow());
    if (input) {
      JsonNode given = ((Entry.Decided) record.entry()).input().orElse(null);
      terminal.data(given == null ? "  policy was not asked\n" : OutputOption.render(given));
    }
    return Exit.DONE;
  }

  private boolean meant(String id) {
    return decision == null || id.startsWith(decision);
  }

  private static String id(AuditRecord record) {
    return ((Entry.Decided) record.entry()).decisionId();
  }
}
