package dev.swiftdeploy.cli;

import com.fasterxml.jackson.databind.JsonNode;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.adapters.policy.RuleTitles;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.report.Explanation;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
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
    AuditCommand.require(place.workspace());
    PolicyArchive archive = new PolicyArchive(place.workspace().policies());
    return explain(
        List.of(Chained.at(ChainFiles.of(place.workspace()), ChainScan.From.PRESENT)),
        archive::read,
        words -> "swiftdeploy " + words);
  }

  private int explain(List<Chained> chains, PolicyShelf policies, UnaryOperator<String> command)
      throws IOException {
    Meant meant = new Meant();
    for (Chained chain : chains) {
      chain.read(record -> meant.take(chain, record));
    }
    AuditRecord record = meant.one(command);
    if (output.json()) {
      terminal.data(OutputOption.render(Json.MAPPER.readTree(record.line())));
      return Exit.DONE;
    }
    Explanation.Reader reader = new Explanation.Reader(id(record));
    meant.chain().read(reader::take);
    RuleTitles titles = titles((Entry.Decided) record.entry(), policies);
    terminal.data(reader.text(titles::title).orElseThrow());
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

  /** Looks for the decision that is meant, among all of all chains; keeps few of them. */
  private final class Meant {
    /** So many are enough to tell that one alone is not meant. */
    private static final int MOST_NAMED = 20;

    private final Map<String, Found> begun = new LinkedHashMap<>();
    private Optional<Found> exact = Optional.empty();
    private Optional<Found> last = Optional.empty();

    private record Found(Chained chain, AuditRecord record) {}

    void take(Chained chain, AuditRecord record) {
      if (!(record.entry() instanceof Entry.Decided)) {
        return;
      }
      Found found = new Found(chain, record);
      String id = id(record);
      if (decision == null) {
        last = later(last, found);
      } else if (id.equals(decision)) {
        exact = later(exact, found);
      } else if ((id.startsWith(decision) || id.startsWith("d-" + decision))
          && (begun.containsKey(id) || begun.size() < MOST_NAMED)) {
        begun.put(id, later(Optional.ofNullable(begun.get(id)), found).orElseThrow());
      }
    }

    /** Within a chain the order of its records counts, between chains their time. */
    private Optional<Found> later(Optional<Found> before, Found found) {
      return before
          .filter(
              b -> !b.chain().equals(found.chain()) && b.record().ts().isAfter(found.record().ts()))
          .or(() -> Optional.of(found));
    }

    private Optional<Found> found() {
      Optional<Found> alone =
          begun.size() == 1 ? begun.values().stream().findFirst() : Optional.empty();
      return last.or(() -> exact).or(() -> alone);
    }

    Chained chain() {
      return found().orElseThrow().chain();
    }

    /** The last record of the decision whose id it is, or that alone begins so; or of all. */
    AuditRecord one(UnaryOperator<String> command) {
      return found().map(Found::record).orElseThrow(() -> none(command));
    }

    private CommandFailure none(UnaryOperator<String> command) {
      if (decision == null) {
        return new CommandFailure(
            Exit.USAGE,
            "no decision was made yet",
            "see how it stands with: " + command.apply("status"));
      }
      return new CommandFailure(
          Exit.USAGE,
          begun.isEmpty()
              ? "there is no decision " + decision
              : decision + " may be any of " + String.join(", ", begun.keySet()),
          "see the last ones with: " + command.apply("audit --output -"));
    }
  }

  private static String id(AuditRecord record) {
    return ((Entry.Decided) record.entry()).decisionId();
  }
}
