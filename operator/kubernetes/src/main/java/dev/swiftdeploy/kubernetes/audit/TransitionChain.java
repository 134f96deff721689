package dev.swiftdeploy.kubernetes.audit;

import dev.swiftdeploy.adapters.audit.Folds;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The chain of one resource's uid, read out of its objects and verified: the lines by themselves,
 * and then what stands around each of them, which the API server's rules keep as it is and an
 * administrator may write past them. Pure.
 */
public final class TransitionChain {
  private final String uid;
  private final String resource;
  private final List<TransitionResource> objects;
  private final List<AuditRecord> records = new ArrayList<>();
  private final Folds folds = new Folds();
  private Chain.Head head = Chain.Head.START;
  private Optional<Damage> damage = Optional.empty();

  private TransitionChain(String uid, String resource, List<TransitionResource> objects) {
    this.uid = uid;
    this.resource = resource;
    this.objects = objects;
  }

  /**
   * Parts objects by the chain that they say they are of, whatever their labels.
   *
   * @return by uid
   */
  public static Map<String, List<TransitionResource>> byUid(List<TransitionResource> all) {
    Map<String, List<TransitionResource>> chains = new TreeMap<>();
    all.forEach(t -> chains.computeIfAbsent(uid(t), u -> new ArrayList<>()).add(t));
    return chains;
  }

  /** Past every rule of the API server even what is required may be missing. */
  private static String uid(TransitionResource object) {
    return object.getSpec() == null || object.getSpec().uid() == null ? "" : object.getSpec().uid();
  }

  private static long seq(TransitionResource object) {
    return object.getSpec() == null || object.getSpec().seq() == null ? 0 : object.getSpec().seq();
  }

  private static byte[] line(TransitionResource object) {
    return object.getSpec() == null || object.getSpec().line() == null
        ? new byte[0]
        : object.getSpec().line().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * Reads and verifies.
   *
   * @param resource its name
   * @param objects of that uid, in any order
   * @param known heads that have to be in it
   */
  public static TransitionChain read(
      String uid, String resource, List<TransitionResource> objects, List<Damages.Known> known) {
    List<TransitionResource> ordered =
        objects.stream()
            .sorted(
                Comparator.comparingLong(TransitionChain::seq)
                    .thenComparing(t -> t.getMetadata().getName()))
            .toList();
    TransitionChain chain = new TransitionChain(uid, resource, ordered);
    chain.readLines();
    known.forEach(chain::compare);
    if (chain.damage.isEmpty()) {
      chain.damage = TransitionChecks.of(chain.objects, chain.records);
    }
    return chain;
  }

  private void readLines() {
    List<byte[]> lines = objects.stream().map(TransitionChain::line).toList();
    for (byte[] bytes : lines) {
      Chain.Read next = Chain.read(head, bytes);
      if (next instanceof Chain.Read.Bad bad) {
        damage =
            Optional.of(
                Damages.name(head, records.size() + 1, bytes, bad, Damages.Lines.of(lines)));
        return;
      }
      AuditRecord record = ((Chain.Read.Good) next).record();
      head = Chain.Head.of(record);
      records.add(record);
      folds.accept(record);
    }
  }

  private void compare(Damages.Known known) {
    if (damage.isEmpty()) {
      int at = (int) known.head().seq() - 1;
      Optional<String> there =
          at >= 0 && at < records.size() ? Optional.of(records.get(at).hash()) : Optional.empty();
      damage = Damages.against(known, Chain.Head.START, head, there);
    }
  }

  /** Of the resource that it is of. */
  public String uid() {
    return uid;
  }

  /** That resource's name. */
  public String resource() {
    return resource;
  }

  /** The good ones, oldest first, up to the damage if there is any. */
  public List<AuditRecord> records() {
    return List.copyOf(records);
  }

  /** After the last good record. */
  public Chain.Head head() {
    return head;
  }

  /** The first bad place; its line counts objects, from 1. */
  public Optional<Damage> damage() {
    return damage;
  }

  /** The object that the damage is at, or after: the last one where nothing follows. */
  public Optional<String> damaged() {
    return damage
        .filter(d -> !objects.isEmpty())
        .map(d -> objects.get((int) Math.max(0, Math.min(d.line(), objects.size()) - 1)))
        .map(t -> t.getMetadata().getName());
  }

  /** What is on record. */
  public State state() {
    return folds.state(ResourceName.of(resource));
  }
}
