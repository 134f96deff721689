package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Removal;
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
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code swiftdeploy audit verify}. */
@Command(
    name = "verify",
    mixinStandardHelpOptions = true,
    description = {
      "Checks that every record of the chain is as it was written and follows the one before, that"
          + " checkpoints are signed, and that the chain goes as far as what else knows of it.",
      "",
      "In a cluster (--namespace, --context) every chain of the namespace, those of resources that"
          + " are gone too, or of one: also that what people read of a Transition is what its record"
          + " says, that its object was made when the record was, by the operator, and that the"
          + " operator sees it.",
      "",
      "Exit code 1, with the first bad place and what is wrong there, if not."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  swiftdeploy audit verify -f shop.yaml",
      "  swiftdeploy audit verify --head 84:d59194…   a head that was kept elsewhere",
      "  swiftdeploy audit verify --key 3f2a… -o json  the only key that may have signed",
      "  swiftdeploy audit verify --namespace shop",
      "  swiftdeploy audit verify checkout --namespace shop --head 84:d59194…"
    })
final class AuditVerifyCommand implements Callable<Integer> {
  private static final Pattern HASH = Pattern.compile("[0-9a-f]{64}");

  private final Terminal terminal;
  @Mixin private PlaceOption place = new PlaceOption();
  @Mixin private OutputOption output = new OutputOption();

  @Parameters(arity = "0..1", paramLabel = "NAME", description = "In a cluster, of this resource.")
  private @Nullable String name;

  @Option(
      names = "--uid",
      paramLabel = "UID",
      description = "In a cluster, of the resource: made anew under its name it has a new chain.")
  private @Nullable String uid;

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
   * @param removals what of earlier records was pruned, as far as the rest tells
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
      List<Noted> acknowledged,
      List<Removal> removals) {}

  /** The first bad place. */
  record Found(String file, AuditLog.Damage.Kind kind, long line, String message) {}

  /** A damage of which a person took note. */
  record Noted(long seq, String damage, String message, String by, String reason, String kept) {}

  @Override
  public Integer call() throws IOException {
    List<Damages.Known> known = new ArrayList<>();
    heads.forEach(head -> known.add(head(head)));
    Set<String> trusted = trusted();
    if (place.cluster()) {
      return inCluster(known, trusted);
    }
    place.requireWholeChain(name, uid);
    Workspace workspace = place.workspace();
    List<Noted> noted = new ArrayList<>();
    ChainFiles.known(workspace).ifPresent(known::add);
    AuditCommand.require(workspace);
    ChainScan.Result scan =
        ChainScan.read(
            ChainFiles.of(workspace),
            ChainScan.From.START,
            known,
            trusted,
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

  /**
   * What is told of a namespace.
   *
   * @param verified whether all of them are
   */
  record Results(boolean verified, List<ChainResult> chains) {}

  /**
   * One chain of a cluster.
   *
   * @param head {@code seq:hash}
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record ChainResult(
      String resource,
      String uid,
      boolean verified,
      String head,
      long records,
      Optional<FoundThere> damage) {}

  /**
   * The first bad place in a cluster.
   *
   * @param transition the object
   * @param line which of the chain's objects that is, from 1
   */
  @JsonInclude(JsonInclude.Include.NON_ABSENT)
  record FoundThere(
      Optional<String> transition, AuditLog.Damage.Kind kind, long line, String message) {}

  private int inCluster(List<Damages.Known> known, Set<String> trusted) {
    if (!trusted.isEmpty()) {
      throw new CommandFailure(
          Exit.USAGE, "chains of a cluster have no signed checkpoints", "leave --key out");
    }
    ContextOption.requireKubernetes();
    List<ClusterAudit.Verified> chains;
    try (ClusterAudit audit = ClusterAudit.open(place)) {
      chains = audit.verify(place.resource(name), Optional.ofNullable(uid), known);
    }
    boolean verified = chains.stream().allMatch(chain -> chain.damage().isEmpty());
    if (output.json()) {
      terminal.data(
          OutputOption.render(
              new Results(verified, chains.stream().map(AuditVerifyCommand::result).toList())));
    } else {
      chains.forEach(chain -> chain.tell(terminal));
    }
    return verified ? Exit.DONE : Exit.FAILED;
  }

  private static ChainResult result(ClusterAudit.Verified chain) {
    return new ChainResult(
        chain.resource(),
        chain.uid(),
        chain.damage().isEmpty(),
        chain.head().text(),
        chain.records(),
        chain.damage().map(d -> new FoundThere(chain.object(), d.kind(), d.line(), d.message())));
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
        noted,
        scan.removals());
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
      terminal.talk("  it begins with checkpoint %d".formatted(scan.before().seq() + 1));
    }
    scan.removals().forEach(r -> terminal.talk("  record %d: %s".formatted(r.seq(), r.text())));
    if (!scan.keys().isEmpty()) {
      terminal.talk(
          "  signed up to record %d by key %s"
              .formatted(scan.head().seq() - scan.sinceSigned(), String.join(", ", scan.keys())));
    }
  }
}
