package dev.swiftdeploy.cli;

import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.report.Audit;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import dev.swiftdeploy.kubernetes.policy.KubernetesPolicyArchive;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** The audit chains of a namespace, for commands. Only loaded where there is a client. */
final class ClusterAudit implements AutoCloseable {
  private final Cluster cluster;

  private ClusterAudit(Cluster cluster) {
    this.cluster = cluster;
  }

  static ClusterAudit open(PlaceOption place) {
    return new ClusterAudit(Cluster.open(place));
  }

  /**
   * One chain, verified.
   *
   * @param object the Transition that the damage is at
   */
  record Verified(
      String resource,
      String uid,
      long records,
      Chain.Head head,
      Optional<AuditLog.Damage> damage,
      Optional<String> object) {

    private static Verified of(TransitionChain chain) {
      return new Verified(
          chain.resource(),
          chain.uid(),
          chain.count(),
          chain.head(),
          chain.damage(),
          chain.damaged());
    }

    /** Whether it verifies, and what more there is to know. */
    void tell(Terminal terminal) {
      if (damage.isPresent()) {
        terminal.talk(
            "%s  %s, %s: %s"
                .formatted(
                    terminal.styled(Terminal.Style.RED, "DAMAGED"),
                    resource,
                    object.map(o -> "transition " + o).orElse("uid " + uid),
                    damage.get().message()));
      } else {
        terminal.talk(
            "%s  %s  %d records, head %s"
                .formatted(
                    terminal.styled(Terminal.Style.GREEN, "VERIFIED"),
                    resource,
                    records,
                    head.text()));
      }
    }

    int exit() {
      return damage.isPresent() ? Exit.FAILED : Exit.DONE;
    }
  }

  /** All chains, of that resource if one is named. */
  List<Verified> verify(Optional<String> name, Optional<String> uid, List<Damages.Known> heads) {
    List<TransitionChain> chains = cluster.chains(name, uid, List.of());
    if (!heads.isEmpty() && chains.size() > 1) {
      throw new CommandFailure(
          Exit.USAGE,
          "a head is of one chain, and there are " + chains.size() + ": " + uids(chains),
          "name the resource, and its --uid where it was made anew under its name");
    }
    List<TransitionChain> held = heads.isEmpty() ? chains : cluster.chains(name, uid, heads);
    return held.stream().map(Verified::of).toList();
  }

  /** Has the operator take note of the damage of that resource's chain, or of the only one. */
  void acknowledge(Optional<String> name, String reason, Duration most) {
    String meant = cluster.pick(name).getMetadata().getName();
    String actor = cluster.namespace().user().orElse(Account.name());
    cluster.namespace().acknowledge(meant, actor, reason);
    Instant until = Instant.now().plus(most);
    while (!cluster.namespace().acknowledged(meant)) {
      if (Instant.now().isAfter(until)) {
        throw new CommandFailure(
            Exit.FAILED,
            "the operator has not taken it for " + most.toSeconds() + " s; it stays until one does",
            "does one run? See: " + cluster.command("status " + meant));
      }
      DaemonClient.pause(500);
    }
  }

  private static String uids(List<TransitionChain> chains) {
    return String.join(
        ", ", chains.stream().map(c -> c.resource() + " (" + c.uid() + ")").toList());
  }

  /** The chain's lines up to the first bad place. */
  Verified export(Optional<String> name, Optional<String> uid, AuditExportCommand.Lines lines) {
    TransitionChain chain = cluster.chain(name, uid);
    chain.each(
        record -> {
          try {
            lines.take(record.line());
          } catch (IOException e) {
            throw new UncheckedIOException(e);
          }
        });
    return Verified.of(chain);
  }

  /** What a report is made of. */
  record Told(Audit audit, Verified verified) {}

  Told report(Optional<String> name, Optional<String> uid, Optional<Instant> since, Instant now) {
    TransitionChain chain = cluster.chain(name, uid);
    Audit.Reader reader = new Audit.Reader(since, now);
    chain.each(reader::take);
    return new Told(
        reader.audit(Chain.Head.START, chain.head(), Set.of(), chain.damage()), Verified.of(chain));
  }

  /** The records of all chains, of that resource if one is named. */
  List<Chained> chains(Optional<String> name, boolean whole) {
    List<Chained> all = new ArrayList<>();
    for (TransitionChain chain : cluster.chains(name, Optional.empty(), List.of())) {
      if (whole && chain.damage().isPresent()) {
        throw new CommandFailure(
            Exit.FAILED,
            "the chain of " + chain.resource() + " is damaged: " + chain.damage().get().message(),
            "see: " + cluster.command("audit verify"));
      }
      all.add(
          new Chained(
              Optional.of(chain.resource()),
              each -> {
                chain.each(each);
                return chain.damage();
              }));
    }
    return all;
  }

  /** The policies that decided there. */
  PolicyShelf policies() {
    KubernetesPolicyArchive archive = cluster.namespace().policies();
    return digest -> archive.read(cluster.namespace().name(), digest);
  }

  String command(String words) {
    return cluster.command(words);
  }

  @Override
  public void close() {
    cluster.close();
  }
}
