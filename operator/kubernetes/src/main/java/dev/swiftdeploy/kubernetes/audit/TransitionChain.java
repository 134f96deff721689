package dev.swiftdeploy.kubernetes.audit;

import dev.swiftdeploy.adapters.audit.Folds;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * The chain of one resource's uid, read out of its objects and verified: the lines by themselves,
 * and then what stands around each of them, which the API server's rules keep as it is and an
 * administrator may write past them. Pure. Keeps the objects and no record that it has read out of
 * them: those are several times as large.
 */
public final class TransitionChain {
  private final String uid;
  private final String resource;
  private final List<TransitionResource> objects;
  private final List<TransitionResource> good = new ArrayList<>();
  private final List<Damage> damages = new ArrayList<>();

  /** Good lines in objects that somebody else than the operator has written. */
  private final List<Damage> written = new ArrayList<>();

  private final Set<String> acknowledged = new HashSet<>();
  private final Set<String> lost = new HashSet<>();
  private Chain.Head head = Chain.Head.START;

  /** How many of the records come before the first that somebody else has written. */
  private int counted;

  private Optional<Instant> last = Optional.empty();

  /** Of the records that known heads name, as they are here. */
  private final Map<Long, String> hashes = new HashMap<>();

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

  /** Forgets what of an object is large, and not needed to verify it. */
  public static void lighten(TransitionResource object) {
    TransitionChecks.lighten(object);
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

  /** The head that the status tells of: the record was there before that was written. */
  public static Optional<Damages.Known> told(SwiftDeployResource resource) {
    SwiftDeployStatus told = resource.getStatus();
    SwiftDeployStatus.ChainEnd end = told == null ? null : told.chain();
    if (end == null || end.seq() == null || end.seq() == 0 || end.head() == null) {
      return Optional.empty();
    }
    return Optional.of(new Damages.Known(new Chain.Head(end.seq(), end.head()), "the status"));
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
    known.forEach(k -> chain.hashes.put(k.head().seq(), ""));
    if (ordered.stream().anyMatch(TransitionChain::acknowledges)) {
      chain.readLines(); // for what a person has taken note of, which stands behind the damage
    }
    chain.readLines();
    known.forEach(chain::compare);
    return chain;
  }

  private static boolean acknowledges(TransitionResource object) {
    return object.getSpec() != null
        && object.getSpec().line() != null
        && object.getSpec().line().contains("\"acknowledged\"");
  }

  /** What is wrong around the lines. */
  private Optional<Damage> around() {
    return TransitionChecks.of(good, TransitionChain::record)
        .map(
            d ->
                new Damage(
                    d.kind(), objects.indexOf(good.get((int) d.line() - 1)) + 1L, d.message()));
  }

  /**
   * Past a damage it goes on with what the next line says that it continues. After a line of
   * another history nothing counts before its acknowledgement.
   */
  private void readLines() {
    Optional<String> strange = Optional.empty();
    boolean lostTrack = false;
    damages.clear();
    written.clear();
    good.clear();
    counted = 0;
    head = Chain.Head.START;
    for (int i = 0; i < objects.size(); i++) {
      byte[] bytes = line(objects.get(i));
      Optional<Chain.Head> claim = Chain.claim(bytes).filter(c -> c.seq() >= head.seq());
      boolean follows = claim.filter(c -> c.seq() == head.seq()).isPresent();
      Chain.Read next = Chain.read(lostTrack && follows ? claim.orElseThrow() : head, bytes);
      if (next instanceof Chain.Read.Bad bad) {
        Damage found = Damages.name(head, i + 1L, bytes, bad, this::find);
        damages.add(found);
        if (follows) {
          strange = Optional.of(found.message());
        }
        next = claim.map(c -> Chain.read(c, bytes)).orElse(bad);
      }
      if (next instanceof Chain.Read.Good read) {
        AuditRecord record = read.record();
        head = Chain.Head.of(record);
        lostTrack = false;
        note(record);
        TransitionChecks.written(objects.get(i), record.seq(), i + 1L).ifPresent(written::add);
        strange = strange.filter(message -> !notes(record, message));
        if (strange.isEmpty() && none(damages)) {
          good.add(objects.get(i));
          hashes.computeIfPresent(record.seq(), (seq, none) -> record.hash());
          if (none(written)) {
            counted++;
            last = Optional.of(record.ts());
          }
        }
      } else {
        head = new Chain.Head(Math.max(head.seq(), seq(objects.get(i))), head.hash());
        lostTrack = true;
      }
    }
  }

  private long find(long from, Predicate<byte[]> wanted) {
    for (int i = (int) from; i <= objects.size(); i++) {
      if (wanted.test(line(objects.get(i - 1)))) {
        return i;
      }
    }
    return 0;
  }

  /** Of a good line. */
  private static AuditRecord record(TransitionResource object) {
    byte[] bytes = line(object);
    Chain.Read read = Chain.read(Chain.claim(bytes).orElseThrow(), bytes);
    return ((Chain.Read.Good) read).record();
  }

  private void note(AuditRecord record) {
    if (record.entry() instanceof Entry.Acknowledged noted) {
      acknowledged.add(noted.message());
      noted.head().ifPresent(lost::add);
    }
  }

  private static boolean notes(AuditRecord record, String message) {
    return record.entry() instanceof Entry.Acknowledged noted && noted.message().equals(message);
  }

  private void compare(Damages.Known known) {
    if (lost.contains(known.head().text())) {
      return; // a person has taken note that it is gone
    }
    Optional<String> there =
        Optional.ofNullable(hashes.get(known.head().seq())).filter(hash -> !hash.isEmpty());
    Damages.against(known, Chain.Head.START, head, there).ifPresent(damages::add);
  }

  /** Of the resource that it is of. */
  public String uid() {
    return uid;
  }

  /** That resource's name. */
  public String resource() {
    return resource;
  }

  /** Gives the good ones, oldest first, up to the first damage that nobody has taken note of. */
  public void each(Consumer<AuditRecord> taken) {
    good.subList(0, counted).forEach(object -> taken.accept(record(object)));
  }

  /** How many those are. */
  public long count() {
    return counted;
  }

  /** When the last one of them was made. */
  public Optional<Instant> last() {
    return last;
  }

  /** All of them; of a long chain they take much memory. */
  public List<AuditRecord> records() {
    List<AuditRecord> all = new ArrayList<>();
    each(all::add);
    return List.copyOf(all);
  }

  /** What the next record continues: the last one that can be read. */
  public Chain.Head head() {
    return head;
  }

  /** The first bad place, whoever has taken note of it; its line counts objects, from 1. */
  public Optional<Damage> damage() {
    return damages.stream().findFirst().or(this::around).or(() -> written.stream().findFirst());
  }

  /**
   * The first bad line, or good one that somebody else has written, that no record says a person
   * has taken note of. What else stands around a line stops nobody: it is rendered, and may be
   * rendered in other words by another version.
   */
  public Optional<Damage> unacknowledged() {
    return Stream.concat(damages.stream(), written.stream()).filter(this::unnoted).findFirst();
  }

  private boolean none(List<Damage> found) {
    return found.stream().noneMatch(this::unnoted);
  }

  private boolean unnoted(Damage found) {
    return !acknowledged.contains(found.message());
  }

  /** The object that the damage is at, or after: the last one where nothing follows. */
  public Optional<String> damaged() {
    return damage()
        .filter(d -> !objects.isEmpty())
        .map(d -> objects.get((int) Math.max(0, Math.min(d.line(), objects.size()) - 1)))
        .map(t -> t.getMetadata().getName());
  }

  /** What is on record. */
  public State state() {
    return folds().state(ResourceName.of(resource));
  }

  Folds folds() {
    Folds folds = new Folds();
    each(folds::accept);
    return folds;
  }
}
