package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.PolicyArchive;
import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.audit.Entry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
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
          + " answer against the recorded one. Needs no OPA, no daemon and no operator.",
      "",
      "In a cluster (--namespace, --context) the policies are kept beside the records, as"
          + " ControllerRevisions.",
      "",
      "Decisions of a foreign OPA are left out, unless its policy is in the archive.",
      "",
      "Exit code 1 if an answer differs, or a policy is not in the archive."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy replay",
      "  swiftdeploy replay --namespace shop",
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
      description =
          "Where the policies are kept by their digests. Default: the manifest's own, or the"
              + " cluster's")
  private @Nullable Path archive;

  ReplayCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (archive != null && !Files.isDirectory(archive)) {
      throw new CommandFailure(Exit.USAGE, "there is no folder " + archive, "name an archive");
    }
    return history.read(this::replay);
  }

  private int replay(HistoryOption.Histories histories) throws IOException {
    PolicyShelf policies =
        archive == null ? histories.policies() : new PolicyArchive(archive)::read;
    Map<String, Optional<EmbeddedPolicyEngine>> engines = new HashMap<>();
    try {
      Replay.Result result =
          Replay.of(histories.chains(), decided -> engine(decided, policies, engines));
      terminal.data(output.json() ? OutputOption.render(result) : text(result, opened(engines)));
      if (!result.unknown().isEmpty()) {
        terminal.talk("where policies are kept by their digests, say so: --archive DIR");
      }
      return result.flips().isEmpty() && result.documents().isEmpty() && result.unknown().isEmpty()
          ? Exit.DONE
          : Exit.FAILED;
    } finally {
      engines.values().forEach(e -> e.ifPresent(EmbeddedPolicyEngine::close));
    }
  }

  private static Optional<PolicyEngine> engine(
      Entry.Decided decided,
      PolicyShelf policies,
      Map<String, Optional<EmbeddedPolicyEngine>> engines) {
    return decided
        .policy()
        .digest()
        .flatMap(
            digest ->
                engines.computeIfAbsent(
                    digest, d -> policies.read(d).map(p -> EmbeddedPolicyEngine.of(p, OPTIONS))));
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
                    "record %s  %s  %s: the same verdict, from another document%n"
                        .formatted(place(d), d.decision(), d.transition())));
    result
        .unknown()
        .forEach(u -> out.append("record ").append(u).append(" is not archived, or damaged\n"));
    boolean same = out.length() == 0;
    boolean differs = !result.flips().isEmpty() || !result.documents().isEmpty();
    out.append(
        terminal.styled(
            same ? Terminal.Style.GREEN : Terminal.Style.RED,
            same ? "REPLAYED" : differs ? "DIFFERS" : "INCOMPLETE"));
    out.append(
        "  %d decisions, policies %d; left out: %d without an answer of policy, %d of a foreign OPA%n"
            .formatted(result.replayed(), policies, result.unanswered(), result.foreign()));
    return out.toString();
  }

  /** The record's number, and whose chain it is in where there may be several. */
  static String place(Replay.Difference d) {
    return d.seq() + d.resource().map(name -> " of " + name).orElse("");
  }

  /** One decision that would come out otherwise. */
  static String line(Replay.Difference d) {
    return "record %s  %s  %s: was %s, would be %s%s%n"
        .formatted(
            place(d),
            d.decision(),
            d.transition(),
            d.was().word(),
            d.wouldBe().word(),
            d.why().map(w -> ": " + w).orElse(""));
  }
}
