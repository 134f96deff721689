package dev.swiftdeploy.kubernetes.audit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditException;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.audit.AuditLogContract;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entries;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.api.TransitionSpec;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuota;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The chain on a real API server passes what every audit log passes. */
class KubernetesAuditLogOnCluster extends AuditLogContract {
  private static final ResourceName DEMO = ResourceName.of("demo");
  private static final String QUOTA = "count/transitions.swiftdeploy.dev";
  private static Cluster cluster;

  private final String uid = UUID.randomUUID().toString();

  @BeforeAll
  static void connect() {
    cluster = new Cluster();
  }

  @AfterAll
  static void close() {
    cluster.close();
  }

  @Override
  protected AuditLog open(Clock clock) {
    return new KubernetesAuditLog(cluster.client(), cluster.namespace(), DEMO, uid, clock);
  }

  private List<TransitionResource> objects() {
    return cluster
        .client()
        .resources(TransitionResource.class)
        .inNamespace(cluster.namespace())
        .withLabel(TransitionObjects.UID_LABEL, uid)
        .list()
        .getItems()
        .stream()
        .sorted(Comparator.comparingLong((TransitionResource t) -> t.getSpec().seq()))
        .toList();
  }

  @Override
  protected List<String> lines() {
    return objects().stream().map(t -> t.getSpec().line()).toList();
  }

  /** As somebody with every right would: objects can't be changed, so they are made again. */
  @Override
  protected void write(List<String> lines) throws Exception {
    Map<Long, TransitionResource> before =
        objects().stream()
            .collect(java.util.stream.Collectors.toMap(t -> t.getSpec().seq(), t -> t));
    for (TransitionResource object : before.values()) {
      cluster.client().resource(object).delete();
    }
    for (String line : lines) {
      TransitionResource object = before.get(new ObjectMapper().readTree(line).get("seq").asLong());
      TransitionSpec s = object.getSpec();
      object.setSpec(
          new TransitionSpec(
              s.resource(),
              s.uid(),
              s.seq(),
              s.type(),
              s.time(),
              s.kind(),
              s.from(),
              s.to(),
              s.verdict(),
              s.enact(),
              s.decision(),
              s.outcome(),
              s.message(),
              line));
      object.getMetadata().setResourceVersion(null);
      object.getMetadata().setUid(null);
      cluster.client().resource(object).create();
    }
  }

  /** A quota on transitions: the API server's full disk. */
  @Override
  protected boolean full(boolean now) {
    ResourceQuota quota =
        new ResourceQuotaBuilder()
            .withNewMetadata()
            .withName("full")
            .withNamespace(cluster.namespace())
            .endMetadata()
            .withNewSpec()
            .addToHard(QUOTA, new Quantity("0"))
            .endSpec()
            .build();
    if (now) {
      cluster.client().resource(quota).create();
      cluster.awaitFull(Cluster.RECORD);
    } else {
      cluster.client().resource(quota).delete();
      // Admission looks into a cache of its own.
      await()
          .atMost(Duration.ofMinutes(5))
          .until(
              () ->
                  cluster.kubectl("get", "quota", "-o", "name").output().isBlank()
                      && probeIsTaken());
    }
    return true;
  }

  private boolean probeIsTaken() {
    AuditLog probe =
        new KubernetesAuditLog(
            cluster.client(),
            cluster.namespace(),
            DEMO,
            UUID.randomUUID().toString(),
            Clock.systemUTC());
    try {
      probe.append(Optional.of(DEMO), new Entry.Stopped("a probe"));
      return true;
    } catch (AuditException e) {
      return false;
    }
  }

  @Test
  void aSecondWriterLosesAndSeesWhatWon() {
    AuditLog stale = open(clock);
    AuditRecord won = log.append(Optional.of(DEMO), new Entry.Stopped("the leader"));

    assertThatThrownBy(() -> stale.append(Optional.of(DEMO), new Entry.Stopped("a stale leader")))
        .isInstanceOf(AuditException.class)
        .hasMessageContaining("another writer");

    assertThat(lines()).containsExactly(won.line());
    assertThat(stale.head().hash()).isEqualTo(won.hash());
    assertThat(stale.damage()).isEmpty();
    stale.append(Optional.of(DEMO), new Entry.Stopped("planned anew"));
    assertThat(lines()).hasSize(2);
  }

  @Test
  void whatStandsInTheWayOfTheChainIsDamage() {
    log.append(Optional.of(DEMO), new Entry.Stopped("kim"));
    TransitionResource stranger = objects().get(0);
    TransitionSpec s = stranger.getSpec();
    stranger.getMetadata().setName(TransitionObjects.name(uid, 2));
    stranger.getMetadata().setLabels(Map.of());
    stranger.getMetadata().setResourceVersion(null);
    stranger.setSpec(
        new TransitionSpec(
            "demo", uid, 2L, s.type(), s.time(), null, null, null, null, null, null, null, null,
            "{}"));
    cluster.client().resource(stranger).create();

    assertThatThrownBy(() -> log.append(Optional.of(DEMO), new Entry.Stopped("kim")))
        .isInstanceOf(AuditException.class);

    assertThat(log.damage().orElseThrow().message()).contains(uid + "-0000000002");
  }

  @Test
  void recordsThatAreDeletedUnderTheOperatorAreMissedAndAPersonTakesNote() {
    for (int i = 0; i < 4; i++) {
      log.append(Optional.of(DEMO), new Entry.Stopped("kim"));
    }
    Chain.Head head = log.head();
    cluster.client().resource(objects().get(3)).delete();
    AuditLog next =
        new KubernetesAuditLog(
            cluster.client(),
            cluster.namespace(),
            DEMO,
            uid,
            Optional.of(new Damages.Known(head, "the status")),
            clock);
    assertThat(next.damage().orElseThrow().kind()).isEqualTo(AuditLog.Damage.Kind.TRUNCATED);
    assertThatThrownBy(() -> next.append(Optional.of(DEMO), new Entry.Stopped("kim")))
        .isInstanceOf(AuditException.class);

    AuditRecord noted = next.acknowledge(new Actor("kim", "annotation", false), "it was me");

    assertThat(noted.seq()).isEqualTo(4);
    assertThat(next.damage()).isEmpty();
    next.append(Optional.of(DEMO), new Entry.Stopped("kim"));
    cluster.client().resource(objects().get(1)).delete();
    AuditLog last = open(clock);
    assertThat(last.damage().orElseThrow().kind()).isEqualTo(AuditLog.Damage.Kind.MISSING);
    last.acknowledge(new Actor("kim", "annotation", false), "again");
    last.append(Optional.of(DEMO), new Entry.Stopped("kim"));
    assertThat(open(clock).damage()).isEmpty();
    assertThat(open(clock).head()).isEqualTo(last.head());
  }

  @Test
  void anOutcomesObjectTellsWhatEnded() {
    Entry.Decided decided =
        Entries.all(3).stream()
            .filter(
                e -> e instanceof Entry.Decided d && d.enact() && d.verdict() == Verdict.ALLOWED)
            .map(Entry.Decided.class::cast)
            .findFirst()
            .orElseThrow();
    log.append(Optional.of(DEMO), decided);

    log.append(Optional.of(DEMO), new Entry.Applied(decided.decisionId()));

    TransitionSpec outcome = objects().get(1).getSpec();
    assertThat(outcome.outcome()).isEqualTo("Applied");
    assertThat(outcome.decision()).isEqualTo(decided.decisionId());
    assertThat(outcome.kind()).isEqualTo(decided.transition().kind().word());
    assertThat(outcome.to()).isEqualTo(objects().get(0).getSpec().to());
  }

  @Test
  void namesSortAsTheChainDoes() {
    for (int i = 0; i < 11; i++) {
      log.append(Optional.of(DEMO), new Entry.Stopped("kim " + i));
    }

    assertThat(
            cluster
                .kubectl(
                    "get",
                    "tr",
                    "-l",
                    TransitionObjects.UID_LABEL + "=" + uid,
                    "-o",
                    "jsonpath={.items[*].spec.seq}")
                .output())
        .as("kubectl lists by name")
        .isEqualTo("1 2 3 4 5 6 7 8 9 10 11");
  }
}
