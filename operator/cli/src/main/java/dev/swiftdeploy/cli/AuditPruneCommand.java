package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainPlace;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.adapters.audit.Retention;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.time.Instant;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy audit prune}. */
@Command(
    name = "prune",
    mixinStandardHelpOptions = true,
    description = {
      "Removes closed segments all of whose records are older than a time. What is left begins with"
          + " a signed checkpoint, and verifies from there. That they are removed, and by whom, is a"
          + " record of the chain before the first of them goes. Nothing is removed by itself, ever."
          + " Keep a copy before: swiftdeploy audit export --output 2026.jsonl"
    },
    footerHeading = "%nExamples:%n",
    footer = {"  swiftdeploy audit prune --before 365d"})
final class AuditPruneCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();

  @Option(
      names = "--before",
      paramLabel = "TIME",
      required = true,
      description = "Remove what is older: 365d, 2026-01-31, 2026-01-31T09:00:00Z.")
  private String before = "";

  AuditPruneCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    AuditCommand.require(workspace);
    Instant until = Since.parse(before, Instant.now(), ZoneId.systemDefault());
    ChainPlace chain = ChainFiles.of(workspace);
    requireVerified(chain, "the chain does not verify, so nothing is removed");
    Actor actor = ChainWriter.actor();
    Optional<Entry.Pruned> due = Retention.due(chain, actor, until);
    if (due.isEmpty()) {
      terminal.talk("no closed segment is that old");
      return Exit.DONE;
    }
    new ChainWriter(workspace)
        .write(
            log -> log.prune(actor, until),
            spool -> spool.prune(new RequestSpool.Pruning(actor, until)));
    due.get().segments().forEach(removed -> terminal.talk("removed " + removed.file()));
    AuditVerifyCommand.tell(
        terminal, requireVerified(chain, "removed, but what is left does not verify"));
    return Exit.DONE;
  }

  private static ChainScan.Result requireVerified(ChainPlace chain, String otherwise)
      throws IOException {
    ChainScan.Result scan =
        ChainScan.read(chain, ChainScan.From.START, List.of(), Set.of(), record -> {});
    if (scan.damage().isPresent()) {
      throw new CommandFailure(
          Exit.FAILED,
          otherwise + ": " + scan.damage().get().message(),
          "see: swiftdeploy audit verify");
    }
    return scan;
  }
}
