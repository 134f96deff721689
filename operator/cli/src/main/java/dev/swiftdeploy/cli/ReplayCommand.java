package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy replay}. */
@Command(
    name = "replay",
    mixinStandardHelpOptions = true,
    description = {
      "Gives every recorded input to the policy that judged it, as it is archived, and holds the"
          + " answer against the recorded one. Needs no OPA and no daemon.",
      "",
      "Decisions of a foreign OPA are left out, unless its policy is in the archive.",
      "",
      "Exit code 1 if an answer differs, or a policy is not in the archive."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy replay",
      "  swiftdeploy replay history.jsonl --archive policies-archive -o json"
    })
final class ReplayCommand implements Callable<Integer> {
  /** Patient: nothing waits for it. */
  static final EmbeddedPolicyEngine.Options OPTIONS =
      EmbeddedPolicyEngine.Options.DEFAULTS
          .withDeadline(Duration.ofSeconds(10))
          .withLoadDeadline(Duration.ofMinutes(1));

  private final Terminal terminal;
  @Mixin private HistoryOption history = new HistoryOption();
  @Mixin private OutputOption output = new OutputOption();

  @Option(
      names = "--archive",
      paramLabel = "DIR",
      description = "Where the policies are kept by their digests. Default: the manifest's own")
  private @Nullable Path archive;

  ReplayCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    List<AuditRecord> records = history.records();
    if (archive != null && !Files.isDirectory(archive)) {
      throw new CommandFailure(Exit.USAGE, "there is no folder " + archive, "name an archive");
    }
    Path kept = archive == null ? history.workspace().policies() : archive;
    Map<String, Optional<EmbeddedPolicyEngine>> engines = new HashMap<>();
    try {
      Replay.Result result =
          Replay.of(records, decided -> engine(decided, new PolicyArchive(kept), engines));
      terminal.data(output.json() ? OutputOption.render(result) : text(result, opened(engines)));
      return result.flips().isEmpty() && result.documents().isEmpty() && result.unknown().isEmpty()
          ? Exit.DONE
          : Exit.FAILED;
    } finally {
      engines.values().forEach(e -> e.ifPresent(EmbeddedPolicyEngine::close));
    }
  }

  private static Optional<PolicyEngine> engine(
      Entry.Decided decided,
      PolicyArchive archive,
      Map<String, Optional<EmbeddedPolicyEngine>> engines) {
    return decided
        .policy()
        .digest()
        .flatMap(
            digest ->
                engines.computeIfAbsent(
                    digest, d -> archive.read(d).map(p -> EmbeddedPolicyEngine.of(p, OPTIONS))));
  }

  private static long opened(Map<String, Optional<EmbeddedPolicyEngine>> engines) {
    return engines.values().stream().filter(Optional::isPresent).count();
  }

  private String text(Replay.Result result, long policies) {
    StringBuilder out = new StringBuilder();
    result.flips().forEach(d -> out.append(line(d)));
    result
        .documents()
        .forEach(
            d ->
                out.append(
                    "record %d  %s  %s: the same verdict, from another document%n"
                        .formatted(d.seq(), d.decision(), d.transition())));
    result
        .unknown()
        .forEach(u -> out.append("record ").append(u).append(" is not archived, or damaged\n"));
    boolean same = out.length() == 0;
    out.append(
        terminal.styled(
            same ? Terminal.Style.GREEN : Terminal.Style.RED, same ? "REPLAYED" : "DIFFERS"));
    out.append(
        "  %d decisions, policies %d; left out: %d without an answer of policy, %d of a foreign OPA%n"
            .formatted(result.replayed(), policies, result.unanswered(), result.foreign()));
    return out.toString();
  }

  /** One decision that would come out otherwise. */
  static String line(Replay.Difference d) {
    return "record %d  %s  %s: was %s, would be %s%s%n"
        .formatted(
            d.seq(),
            d.decision(),
            d.transition(),
            d.was().word(),
            d.wouldBe().word(),
            d.why().map(w -> ": " + w).orElse(""));
  }
}
