package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainPlace;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Which audit chains a command reads: a manifest's, a namespace's, or a file that was brought. */
final class HistoryOption {
  @Mixin private PlaceOption place = new PlaceOption();

  @Parameters(
      arity = "0..1",
      paramLabel = "HISTORY",
      description =
          "A chain's file. Default: the manifest's own, or in a cluster all chains of the"
              + " namespace, those of --resource")
  private @Nullable Path history;

  /** Chains, and the policies that judged. */
  record Histories(List<Chained> chains, PolicyShelf policies) {}

  /** What a command does with them, while they can be asked for more. */
  interface Use {
    int of(Histories histories) throws IOException;
  }

  /** Reads; an exit code. */
  int read(Use use) throws IOException {
    if (!place.cluster()) {
      PolicyArchive own = new PolicyArchive(place.workspace().policies());
      return use.of(new Histories(List.of(file()), own::read));
    }
    if (history != null) {
      throw new CommandFailure(
          Exit.USAGE,
          history + " is a file, and --namespace and --context name a cluster",
          "name one of both (a resource of the cluster: --resource NAME)");
    }
    ContextOption.requireKubernetes();
    try (ClusterAudit audit = ClusterAudit.open(place)) {
      return use.of(
          new Histories(
              audit.chains(Optional.ofNullable(place.resource()), true), audit.policies()));
    }
  }

  private Chained file() {
    if (history == null) {
      AuditCommand.require(place.workspace());
      return Chained.at(ChainFiles.of(place.workspace()), ChainScan.From.START);
    }
    if (!Files.isRegularFile(history)) {
      throw new CommandFailure(Exit.USAGE, "there is no file " + history, "name a chain's file");
    }
    return Chained.at(new ChainPlace(history, history), ChainScan.From.PRESENT);
  }
}
