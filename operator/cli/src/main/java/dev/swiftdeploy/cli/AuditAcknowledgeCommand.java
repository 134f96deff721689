package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.local.daemon.RequestSpool;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy audit acknowledge}. */
@Command(
    name = "acknowledge",
    mixinStandardHelpOptions = true,
    description = {
      "Takes note that the chain is damaged, so that transitions go on: what is there is kept aside,"
          + " the chain continues after its last good record, and who took note, and why, is its"
          + " next one.",
      "",
      "What was admitted only by records that are lost is not admitted any more.",
      "",
      "In a cluster (--namespace, --context) the objects stay as they are, and audit verify goes on"
          + " to name what is wrong with them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit acknowledge --reason \"restored from the backup of Monday\"",
      "  swiftdeploy audit acknowledge checkout -n shop --reason \"a mistake\""
    })
final class AuditAcknowledgeCommand implements Callable<Integer> {
  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "In a cluster, of this resource.")
  private @Nullable String name;

  @Option(names = "--reason", paramLabel = "TEXT", required = true, description = "Kept on record.")
  private String reason = "";

  AuditAcknowledgeCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (place.cluster()) {
      return inCluster();
    }
    place.requireWholeChain(name);
    Workspace workspace = place.workspace();
    Actor actor = ChainWriter.actor();
    boolean here =
        new ChainWriter(workspace)
            .write(
                log -> log.acknowledge(actor, reason),
                spool -> spool.acknowledge(new RequestSpool.Acknowledgement(actor, reason)));
    if (here) {
      // What it says of the chain is no longer so; the next daemon writes another.
      Files.deleteIfExists(workspace.status());
    }
    ChainScan.Result scan =
        ChainScan.read(
            ChainFiles.of(workspace), ChainScan.From.START, List.of(), Set.of(), record -> {});
    AuditVerifyCommand.tell(terminal, scan);
    return scan.damage().isPresent() ? Exit.FAILED : Exit.DONE;
  }

  private int inCluster() {
    ContextOption.requireKubernetes();
    try (ClusterAudit audit = ClusterAudit.open(place)) {
      Optional<String> resource = place.resource(name);
      audit.acknowledge(resource, reason, ChainWriter.AT_MOST);
      audit.verify(resource, Optional.empty(), List.of()).forEach(chain -> chain.tell(terminal));
    }
    return Exit.DONE;
  }
}
