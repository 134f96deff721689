package dev.swiftdeploy.kubernetes.audit;

import dev.swiftdeploy.adapters.audit.Folds;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.Conflicts;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.Watcher;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The chain of one resource's uid, each record an object {@code <uid>-<seq>}. Creating that object
 * is the compare-and-swap: a second writer gets a conflict, and nothing may rest on its record.
 *
 * <p>Where it can't be told whether an object was created (a lost answer), the chain is read again
 * before anything else is appended; if it moved on, the append fails and the loop plans anew.
 */
public final class KubernetesAuditLog implements AuditLog {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final KubernetesClient client;
  private final String namespace;
  private final ResourceName resource;
  private final String uid;
  private final Optional<Damages.Known> known;
  private final Clock clock;
  private final AtomicBoolean touched = new AtomicBoolean();
  private final AtomicLong shown = new AtomicLong();
  private Reading reading;
  private Chain.Head seen = Chain.Head.START;
  private boolean unsure;

  /** The chain as it was read, and what was appended since. */
  private static final class Reading {
    private final Folds folds;
    private Chain.Head head;
    private Optional<Damage> damage;

    private Reading(TransitionChain chain) {
      folds = chain.folds();
      head = chain.head();
      damage = chain.unacknowledged();
    }

    private void take(AuditRecord record) {
      folds.accept(record);
      head = new Chain.Head(record.seq(), record.hash());
    }
  }

  /**
   * Reads the chain.
   *
   * @param uid of the resource; made anew under its name, a resource has a new chain
   * @param known a head that was the chain's once, so that a chain that ends before it is found
   * @throws AuditException if the API server can't be asked
   */
  public KubernetesAuditLog(
      KubernetesClient client,
      String namespace,
      ResourceName resource,
      String uid,
      Optional<Damages.Known> known,
      Clock clock) {
    this.client = client;
    this.namespace = namespace;
    this.resource = resource;
    this.uid = uid;
    this.known = known;
    this.clock = clock;
    this.reading = new Reading(read());
    this.seen = reading.damage.isEmpty() ? reading.head : seen;
  }

  /** Reads a chain that nothing else is known of. */
  public KubernetesAuditLog(
      KubernetesClient client, String namespace, ResourceName resource, String uid, Clock clock) {
    this(client, namespace, resource, uid, Optional.empty(), clock);
  }

  @Override
  public State state(ResourceName name) {
    return reading.folds.state(name);
  }

  /** Asks the API server. */
  @Override
  public List<AuditRecord> records() {
    return read().records();
  }

  @Override
  public Chain.Head head() {
    return reading.head;
  }

  @Override
  public Optional<Damage> damage() {
    return reading.damage;
  }

  /** Of whose chain an object is, by its name; empty if it is not named as a record is. */
  public static Optional<String> uid(TransitionResource object) {
    return TransitionObjects.uid(object.getMetadata().getName());
  }

  /**
   * What a watch shows of the chain's objects; nothing of them is kept. From any thread.
   *
   * @return whether somebody else than the operator did that: it is to be looked at now
   */
  public boolean shown(Watcher.Action action, TransitionResource object) {
    long seq = TransitionObjects.seq(object.getMetadata().getName());
    shown.accumulateAndGet(seq, Math::max);
    boolean strange =
        action == Watcher.Action.DELETED
            || !TransitionChecks.labelled(object, uid)
            || TransitionChecks.written(object, seq, seq).isPresent();
    if (strange) {
      touched.set(true);
    }
    return strange;
  }

  /** A watch has missed what became of the objects: they are to be looked at. From any thread. */
  public void missed() {
    touched.set(true);
  }

  /**
   * Reads the chain again where a watch has shown more of it than this log knows, or that somebody
   * else has touched it. Asks nothing otherwise. Between ticks: what was planned rests on what was
   * known.
   *
   * @throws AuditException if the API server can't be asked
   */
  public void look() {
    if (touched.get() || shown.get() > reading.head.seq()) {
      touched.set(false); // before it is read: what is shown from here on is looked at once more
      shown.set(0);
      try {
        readWhole();
      } catch (AuditException e) {
        touched.set(true);
        throw e;
      }
    }
  }

  /** A record is an object: mostly the next decision comes first, and tells the same. */
  @Override
  public Duration patience() {
    return PATIENCE;
  }

  @Override
  public AuditRecord append(Optional<ResourceName> name, Entry entry) {
    if (unsure) {
      readAgain();
    }
    if (reading.damage.isPresent()) {
      throw new AuditException("the chain is damaged: " + reading.damage.get().message());
    }
    return write(name, entry);
  }

  private AuditRecord write(Optional<ResourceName> name, Entry entry) {
    AuditRecord record = Chain.seal(reading.head, clock.instant(), name, entry);
    try {
      client
          .resource(TransitionObjects.object(namespace, resource, uid, underWay(), record))
          .inNamespace(namespace)
          .create();
    } catch (KubernetesClientException e) {
      throw notAppended(record, e);
    }
    reading.take(record);
    seen = reading.head;
    return record;
  }

  /**
   * A person takes note of the damage: its acknowledgement is the record after the last one that
   * can be read, and what only lost records had admitted is admitted no more. The objects stay as
   * they are, and {@code audit verify} goes on to name the damage.
   */
  @Override
  public AuditRecord acknowledge(Actor actor, String reason) {
    if (reading.damage.isEmpty()) {
      readWhole(); // what a person sees may have come after it was read
    }
    Damage noted =
        reading.damage.orElseThrow(
            () -> new AuditException("the chain is not damaged: nothing to do"));
    Optional<Chain.Head> lost =
        known().stream()
            .map(Damages.Known::head)
            .filter(head -> head.seq() > reading.head.seq())
            .max(Comparator.comparingLong(Chain.Head::seq));
    AuditRecord record =
        write(
            Optional.of(resource),
            new Entry.Acknowledged(
                noted.kind().word(),
                noted.line(),
                noted.message(),
                "the objects of " + uid,
                lost.map(Chain.Head::text),
                actor,
                reason));
    reading = new Reading(read());
    return record;
  }

  private Optional<Transition> underWay() {
    return state(resource).underWay().map(State.UnderWay::transition);
  }

  private AuditException notAppended(AuditRecord record, KubernetesClientException e) {
    if (Conflicts.alreadyExists(e)) {
      Chain.Head before = reading.head;
      readWhole();
      if (reading.head.equals(before)) {
        reading.damage =
            Optional.of(
                new Damage(
                    Damage.Kind.ANOTHER_HISTORY,
                    record.seq(),
                    "the object " + TransitionObjects.name(uid, record.seq()) + " is not of it"));
      }
      return new AuditException("another writer has appended record " + record.seq(), e);
    }
    // What the API server refused is not there. Without its answer nobody knows.
    unsure = e.getCode() < 400 || e.getCode() >= 500;
    return new AuditException("the API server did not take the record: " + e.getMessage(), e);
  }

  /** What was planned on an older state must not be written on a newer one. */
  private void readAgain() {
    Chain.Head before = reading.head;
    readWhole();
    if (!reading.head.equals(before)) {
      throw new AuditException("the chain has moved on to record " + reading.head.seq());
    }
  }

  private void readWhole() {
    unsure = true;
    reading = new Reading(read());
    unsure = false;
  }

  /** What the chain has been: as this process has seen it, and as was known before. */
  private List<Damages.Known> known() {
    List<Damages.Known> all = new ArrayList<>();
    known.ifPresent(all::add);
    if (seen.seq() > 0) {
      all.add(new Damages.Known(seen, "the operator"));
    }
    return all;
  }

  private TransitionChain read() {
    return TransitionChain.read(uid, resource.value(), objects(), known());
  }

  private List<TransitionResource> objects() {
    MixedOperation<
            TransitionResource,
            KubernetesResourceList<TransitionResource>,
            Resource<TransitionResource>>
        transitions = client.resources(TransitionResource.class);
    try {
      return transitions
          .inNamespace(namespace)
          .withLabel(TransitionObjects.UID_LABEL, uid)
          .list()
          .getItems();
    } catch (KubernetesClientException e) {
      throw new AuditException("the API server does not show the chain: " + e.getMessage(), e);
    }
  }
}
