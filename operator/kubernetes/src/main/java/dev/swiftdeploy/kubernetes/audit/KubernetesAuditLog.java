package dev.swiftdeploy.kubernetes.audit;

import dev.swiftdeploy.adapters.audit.Folds;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.MixedOperation;
import io.fabric8.kubernetes.client.dsl.Resource;
import java.net.HttpURLConnection;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

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
  private final Clock clock;
  private Reading reading;
  private boolean unsure;

  /** The chain as it was read, and what was appended since. */
  private static final class Reading {
    private final Folds folds = new Folds();
    private Chain.Head head = Chain.Head.START;
    private Optional<Damage> damage = Optional.empty();

    private void take(AuditRecord record) {
      folds.accept(record);
      head = new Chain.Head(record.seq(), record.hash());
    }
  }

  /**
   * Reads the chain.
   *
   * @param uid of the resource; made anew under its name, a resource has a new chain
   * @throws AuditException if the API server can't be asked
   */
  public KubernetesAuditLog(
      KubernetesClient client, String namespace, ResourceName resource, String uid, Clock clock) {
    this.client = client;
    this.namespace = namespace;
    this.resource = resource;
    this.uid = uid;
    this.clock = clock;
    this.reading = read(new ArrayList<>());
  }

  @Override
  public State state(ResourceName name) {
    return reading.folds.state(name);
  }

  /** Asks the API server. */
  @Override
  public List<AuditRecord> records() {
    List<AuditRecord> records = new ArrayList<>();
    read(records);
    return List.copyOf(records);
  }

  @Override
  public Chain.Head head() {
    return reading.head;
  }

  @Override
  public Optional<Damage> damage() {
    return reading.damage;
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
    return record;
  }

  private Optional<Transition> underWay() {
    return state(resource).underWay().map(State.UnderWay::transition);
  }

  private AuditException notAppended(AuditRecord record, KubernetesClientException e) {
    if (e.getCode() == HttpURLConnection.HTTP_CONFLICT) {
      Chain.Head before = reading.head;
      readAgain(before);
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
    readAgain(before);
    if (!reading.head.equals(before)) {
      throw new AuditException("the chain has moved on to record " + reading.head.seq());
    }
  }

  private void readAgain(Chain.Head before) {
    unsure = true;
    Reading now = read(new ArrayList<>());
    if (now.damage.isEmpty() && now.head.seq() < before.seq()) {
      now.damage =
          Optional.of(
              new Damage(Damage.Kind.TRUNCATED, now.head.seq() + 1, "its last records are gone"));
    }
    reading = now;
    unsure = false;
  }

  private Reading read(List<AuditRecord> records) {
    Reading read = new Reading();
    List<byte[]> lines =
        objects().stream()
            .map(object -> object.getSpec().line().getBytes(StandardCharsets.UTF_8))
            .toList();
    long line = 0;
    for (byte[] bytes : lines) {
      line++;
      Chain.Read next = Chain.read(read.head, bytes);
      if (next instanceof Chain.Read.Bad bad) {
        read.damage =
            Optional.of(Damages.name(read.head, line, bytes, bad, Damages.Lines.of(lines)));
        break;
      }
      AuditRecord record = ((Chain.Read.Good) next).record();
      read.take(record);
      records.add(record);
    }
    return read;
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
          .getItems()
          .stream()
          .sorted(Comparator.comparingLong((TransitionResource t) -> t.getSpec().seq()))
          .toList();
    } catch (KubernetesClientException e) {
      throw new AuditException("the API server does not show the chain: " + e.getMessage(), e);
    }
  }
}
