package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.EmbeddedPolicyEngine;
import dev.swiftdeploy.adapters.policy.PolicyBundle;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy what-if}. */
@Command(
    name = "what-if",
    mixinStandardHelpOptions = true,
    description = {
      "Which past decisions a changed policy or threshold would flip: every recorded input is given"
          + " to the policies of a folder. Changes nothing; needs no OPA, no daemon and no operator.",
      "",
      "Exit code 1 if one would flip, so that a pipeline can ask a person."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy what-if --policies policies",
      "  swiftdeploy what-if --policies stricter --namespace shop",
      "  swiftdeploy what-if --policies stricter history.jsonl -o json | jq .flips"
    })
final class WhatIfCommand implements Callable<Integer> {
  private static final List<String> COLUMNS =
      List.of("RECORD", "DECISION", "TRANSITION", "WAS", "WOULD BE", "WHY");

  private final Terminal terminal;
  @Mixin private HistoryOption history = new HistoryOption();
  @Mixin private OutputOption output = new OutputOption();

  @Option(
      names = "--policies",
      paramLabel = "DIR",
      required = true,
      description = "The changed policies, built.")
  private Path policies = Path.of("policies");

  WhatIfCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException {
    if (!Files.isDirectory(policies)) {
      throw new CommandFailure(
          Exit.USAGE, "there is no folder " + policies, "name one with policies");
    }
    return history.read(this::ask);
  }

  private int ask(HistoryOption.Histories histories) throws IOException {
    if (PolicyBundle.read(policies) instanceof PolicyBundle.Refused refused) {
      throw new CommandFailure(
          Exit.FAILED, refused.problem().message(), refused.problem().nextStep());
    }
    try (EmbeddedPolicyEngine engine = new EmbeddedPolicyEngine(policies, ReplayCommand.OPTIONS)) {
      Replay.Result result = Replay.of(histories.chains(), decided -> Optional.of(engine));
      terminal.data(output.json() ? OutputOption.render(result) : text(result));
      return result.flips().isEmpty() ? Exit.DONE : Exit.FAILED;
    }
  }

  private String text(Replay.Result result) {
    StringBuilder out = new StringBuilder();
    if (!result.flips().isEmpty()) {
      out.append(table(result.flips()));
    }
    boolean none = result.flips().isEmpty();
    out.append(
        terminal.styled(
            none ? Terminal.Style.GREEN : Terminal.Style.RED, none ? "NO FLIP" : "FLIPS"));
    out.append(
        "  %d of %d decisions would have another verdict%n"
            .formatted(result.flips().size(), result.replayed()));
    return out.toString();
  }

  private static String table(List<Replay.Difference> flips) {
    List<List<String>> rows = new ArrayList<>(List.of(COLUMNS));
    for (Replay.Difference d : flips) {
      rows.add(
          List.of(
              ReplayCommand.place(d),
              d.decision(),
              d.transition(),
              d.was().word(),
              d.wouldBe().word(),
              d.why().orElse("")));
    }
    StringBuilder out = new StringBuilder();
    for (List<String> row : rows) {
      for (int column = 0; column < row.size() - 1; column++) {
        int at = column;
        int width = rows.stream().mapToInt(r -> r.get(at).length()).max().orElse(0);
        out.append(("%-" + width + "s  ").formatted(row.get(column)));
      }
      out.append(row.get(row.size() - 1)).append('\n');
    }
    return out.toString();
  }
}
