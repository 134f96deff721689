package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code swiftdeploy audit verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks that every record of the chain is as it was written and follows the one before, that"
          + " checkpoints are signed, and that the chain goes as far as what else knows of it.",
      "",
      "Exit code 1, with the first bad place and what is wrong there, if not."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit verify -f shop.yaml",
      "  swiftdeploy audit verify --head 84:d59194…   a head that was kept elsewhere",
      "  swiftdeploy audit verify --key 3f2a… -o json  the only key that may have signed"
    })
final class AuditVerifyCommand implements Callable<Integer> {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final Terminal terminal;
  @Mixin private ManifestOption manifest = new ManifestOption();
  @Mixin private OutputOption output = new OutputOption();

  @Option(
      names = "--head",
      paramLabel = "SEQ:HASH",
      description = "A head that the chain had, as verify prints it. May be repeated.")
  private List<String> heads = new ArrayList<>();

  @Option(
      names = "--key",
      paramLabel = "KEY",
      description =
          "The public key that signs checkpoints: 64 hex digits, or a file of them. May be"
              + " repeated.")
  private List<String> keys = new ArrayList<>();

  AuditVerifyCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  /**
   * What is told.
   *
   * @param head {@code seq:hash}
   * @param first number of the first record that is there
   * @param sinceSigned records after the last checkpoint
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record Result(
      boolean verified,
      String head,
      long records,
      long first,
      Set<String> keys,
      long sinceSigned,
      Optional<Found> damage,
      List<Noted> acknowledged) {}

  /** The first bad place. */
  record Found(String file, AuditLog.Damage.Kind kind, long line, String message) {}

  /** A damage of which a person took note. */
  record Noted(long seq, String damage, String message, String by, String reason, String kept) {}

  @Override
  public Integer call() throws IOException {
    Workspace workspace = manifest.workspace();
    List<Noted> noted = new ArrayList<>();
    List<Damages.Known> known = new ArrayList<>();
    heads.forEach(head -> known.add(head(head)));
    ChainFiles.known(workspace).ifPresent(known::add);
    AuditCommand.require(workspace);
    ChainScan.Result scan =
        ChainScan.read(
            ChainFiles.of(workspace),
            ChainScan.From.START,
            known,
            trusted(),
            record -> note(record, noted));
    if (output.json()) {
      terminal.data(OutputOption.render(result(scan, noted)));
    } else {
      tell(terminal, scan);
      noted.forEach(
          n ->
              terminal.talk(
                  "  record %d: %s acknowledged damage (%s): %s; kept in %s"
                      .formatted(n.seq(), n.by(), n.reason(), n.message(), n.kept())));
    }
    return scan.damage().isPresent() ? Exit.FAILED : Exit.DONE;
  }

  private static void note(AuditRecord record, List<Noted> noted) {
    if (record.entry() instanceof Entry.Acknowledged a) {
      noted.add(
          new Noted(record.seq(), a.damage(), a.message(), a.actor().name(), a.reason(), a.kept()));
    }
  }

  private static Damages.Known head(String text) {
    Chain.Head head =
        Chain.Head.parse(text)
            .orElseThrow(
                () ->
                    new CommandFailure(
                        Exit.USAGE,
                        "\"" + text + "\" is no head",
                        "give it as verify prints it: its number, a colon, 64 hex digits"));
    return new Damages.Known(head, "the given head");
  }

  private Set<String> trusted() throws IOException {
    Set<String> trusted = new LinkedHashSet<>();
    for (String key : keys) {
      boolean file = !HASH.matcher(key).matches() && Files.isRegularFile(Path.of(key));
      String hex = file ? Files.readString(Path.of(key)).strip() : key;
      if (!HASH.matcher(hex).matches()) {
        throw new CommandFailure(
            Exit.USAGE,
            "\"" + key + "\" is no public key",
            "give 64 hex digits, as verify prints them, or a file that holds nothing else");
      }
      trusted.add(hex);
    }
    return trusted;
  }

  private static Result result(ChainScan.Result scan, List<Noted> noted) {
    return new Result(
        scan.damage().isEmpty(),
        scan.head().text(),
        scan.records(),
        scan.before().seq() + 1,
        scan.keys(),
        scan.sinceSigned(),
        scan.damage().map(d -> new Found(scan.file().toString(), d.kind(), d.line(), d.message())),
        noted);
  }

  /** Whether it verifies, and what more there is to know. */
  static void tell(Terminal terminal, ChainScan.Result scan) {
    if (scan.damage().isPresent()) {
      AuditLog.Damage damage = scan.damage().get();
      terminal.talk(
          "%s  %s, line %d: %s"
              .formatted(
                  terminal.styled(Terminal.Style.RED, "DAMAGED"),
                  scan.file(),
                  damage.line(),
                  damage.message()));
      return;
    }
    terminal.talk(
        "%s  %d records, head %s"
            .formatted(
                terminal.styled(Terminal.Style.GREEN, "VERIFIED"),
                scan.records(),
                scan.head().text()));
    if (scan.before().seq() > 0) {
      terminal.talk(
          "  it begins with checkpoint %d: earlier segments were removed"
              .formatted(scan.before().seq() + 1));
    }
    if (!scan.keys().isEmpty()) {
      terminal.talk(
          "  signed up to record %d by key %s"
              .formatted(scan.head().seq() - scan.sinceSigned(), String.join(", ", scan.keys())));
    }
  }
}
