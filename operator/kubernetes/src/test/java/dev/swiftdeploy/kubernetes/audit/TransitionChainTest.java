package dev.swiftdeploy.kubernetes.audit;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.AuditLog.Damage;
import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Chain;
import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.audit.Entries;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.audit.StateFold;
import dev.swiftdeploy.core.plan.Transition;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.api.TransitionSpec;
import io.fabric8.kubernetes.api.model.FieldsV1;
import io.fabric8.kubernetes.api.model.ManagedFieldsEntryBuilder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What an administrator may do past every rule of the API server is found, and named. */
class TransitionChainTest {
  private static final String UID = "0c1d0000-0000-4000-8000-000000000001";
  private static final ResourceName DEMO = ResourceName.of("demo");
  private static final Instant BEGUN = Instant.parse("2026-01-02T03:04:05.678Z");

  private final List<AuditRecord> records = new ArrayList<>();
  private final List<TransitionResource> objects = new ArrayList<>();
  private StateFold fold = new StateFold();

  @BeforeEach
  void aChain() {
    for (Entry entry : Entries.all(7)) {
      append(entry);
    }
  }

  private void append(Entry entry) {
    Chain.Head head =
        records.isEmpty() ? Chain.Head.START : Chain.Head.of(records.get(records.size() - 1));
    AuditRecord record =
        Chain.seal(head, BEGUN.plusSeconds(records.size()), Optional.of(DEMO), entry);
    records.add(record);
    objects.add(object(record));
    fold.accept(record);
  }

  /** As the API server would hold it. */
  private TransitionResource object(AuditRecord record) {
    Optional<Transition> underWay = fold.state().underWay().map(State.UnderWay::transition);
    TransitionResource object = TransitionObjects.object("shop", DEMO, UID, underWay, record);
    object
        .getMetadata()
        .setCreationTimestamp(
            record.ts().truncatedTo(java.time.temporal.ChronoUnit.SECONDS).toString());
    written(object, "swiftdeploy");
    return object;
  }

  private static void written(TransitionResource object, String manager) {
    FieldsV1 fields = new FieldsV1();
    fields.setAdditionalProperty("f:spec", Map.of("f:line", Map.of()));
    object
        .getMetadata()
        .setManagedFields(
            List.of(
                new ManagedFieldsEntryBuilder().withManager(manager).withFieldsV1(fields).build()));
  }

  private TransitionChain read(Damages.Known... known) {
    return TransitionChain.read(UID, "demo", objects, List.of(known));
  }

  private void damaged(Damage.Kind kind, String message, String object) {
    damaged(read(), kind, message, object);
  }

  private static void damaged(
      TransitionChain chain, Damage.Kind kind, String message, String object) {
    assertThat(chain.damage()).isPresent();
    assertThat(chain.damage().get().kind()).isEqualTo(kind);
    assertThat(chain.damage().get().message()).contains(message);
    assertThat(chain.damaged()).contains(object);
  }

  private Damages.Known known(int seq) {
    return new Damages.Known(Chain.Head.of(records.get(seq - 1)), "the status");
  }

  private static String name(int seq) {
    return TransitionObjects.name(UID, seq);
  }

  private void replace(int seq, TransitionSpec spec) {
    objects.get(seq - 1).setSpec(spec);
  }

  private static TransitionSpec spec(TransitionSpec s, String verdict, String line) {
    return new TransitionSpec(
        s.resource(),
        s.uid(),
        s.seq(),
        s.type(),
        s.time(),
        s.kind(),
        s.from(),
        s.to(),
        verdict,
        s.enact(),
        s.decision(),
        s.outcome(),
        s.message(),
        line);
  }

  private int decision(String verdict) {
    return IntStream.range(0, objects.size())
            .filter(i -> verdict.equals(objects.get(i).getSpec().verdict()))
            .findFirst()
            .orElseThrow()
        + 1;
  }

  @Test
  void whatWasWrittenVerifiesInWhateverOrderItIsShown() {
    java.util.Collections.reverse(objects);
    TransitionChain chain = read(known(3), known(records.size()));

    assertThat(chain.damage()).isEmpty();
    assertThat(chain.damaged()).isEmpty();
    assertThat(chain.records()).isEqualTo(records);
    assertThat(chain.head()).isEqualTo(Chain.Head.of(records.get(records.size() - 1)));
  }

  @Test
  void eachOneThatIsDeletedIsMissed() {
    for (int seq = 1; seq < records.size(); seq++) {
      TransitionResource gone = objects.remove(seq - 1);
      damaged(Damage.Kind.MISSING, "record " + seq + " is missing", name(seq + 1));
      objects.add(seq - 1, gone);
    }
  }

  @Test
  void theLastOneIsMissedByTheHeadOfTheStatusOrOneKeptElsewhere() {
    int last = records.size();
    objects.remove(last - 1);

    assertThat(read().damage()).as("nothing knows of it").isEmpty();
    damaged(
        read(known(last)), Damage.Kind.TRUNCATED, "record " + last + " is gone", name(last - 1));
    objects.clear();
    TransitionChain none = read(known(last));
    assertThat(none.damage().orElseThrow().message())
        .contains("records 1 to " + last + " are gone, and the status knows record " + last);
    assertThat(none.damaged()).isEmpty();
  }

  @Test
  void aLineThatIsNotWhatWasWrittenIsNamed() {
    int seq = decision("Denied");
    TransitionSpec spec = objects.get(seq - 1).getSpec();
    replace(seq, spec(spec, "Denied", spec.line().replace("\"denied\"", "\"allowed\"")));

    damaged(Damage.Kind.EDITED, "its hash is not that of its bytes", name(seq));
  }

  @Test
  void whatPeopleReadIsHeldToTheLine() {
    int seq = decision("Denied");
    TransitionSpec spec = objects.get(seq - 1).getSpec();
    replace(seq, spec(spec, "Allowed", spec.line()));

    damaged(
        Damage.Kind.EDITED,
        "edited: spec.verdict is Allowed, and its record says Denied",
        name(seq));
  }

  @Test
  void whoTakesTheLabelAwayHidesTheRecordFromTheOperatorAndNotFromHere() {
    objects.get(4).getMetadata().setLabels(new HashMap<>());

    damaged(Damage.Kind.EDITED, "the operator does not see it", name(5));
  }

  @Test
  void anObjectThatWasMadeAgainUnderItsNameIsYoungerThanItsRecord() {
    objects.get(4).getMetadata().setCreationTimestamp("2026-01-02T04:00:00Z");

    damaged(Damage.Kind.ANOTHER_WRITER, "made again: record 5", name(5));
  }

  @Test
  void aRecordThatTheOperatorDidNotWriteIsForged() {
    append(new Entry.Stopped("mallory"));
    written(objects.get(objects.size() - 1), "kubectl-create");

    damaged(
        Damage.Kind.ANOTHER_WRITER,
        "forged: kubectl-create wrote record " + records.size(),
        name(objects.size()));
    assertThat(read().unacknowledged()).as("nothing rests on it").isEqualTo(read().damage());
    assertThat(read().records()).hasSize(records.size() - 1);
  }

  @Test
  void anObjectThatWasWrittenAgainIsEditedAlsoWhereNothingElseTells() {
    objects.get(2).getMetadata().setGeneration(1L);
    assertThat(read().damage()).isEmpty();

    objects.get(2).getMetadata().setGeneration(2L);

    damaged(Damage.Kind.EDITED, "record 3 was written again", name(3));
    assertThat(read().records()).hasSize(2);
    Damage found = read().unacknowledged().orElseThrow();
    acknowledge(read(), Optional.empty());
    assertThat(read().unacknowledged()).isEmpty();
    assertThat(read().records()).as("all count again").hasSize(records.size() + 1);
    assertThat(read().damage()).as("goes on to be named").contains(found);
  }

  @Test
  void anotherHistoryInItsPlaceDoesNotFollow() {
    AuditRecord forged =
        Chain.seal(
            new Chain.Head(4, "0".repeat(64)), BEGUN, Optional.of(DEMO), new Entry.Stopped("m"));
    objects.set(4, object(forged));

    damaged(Damage.Kind.ANOTHER_HISTORY, "it follows another history", name(5));
  }

  @Test
  void aWholeOtherHistoryIsFoundByAHead() {
    List<AuditRecord> before = List.copyOf(records);
    records.clear();
    objects.clear();
    fold = new StateFold();
    for (Entry entry : Entries.all(8)) {
      append(entry);
    }
    Damages.Known head = new Damages.Known(Chain.Head.of(before.get(9)), "the given head");

    assertThat(read().damage()).isEmpty();
    damaged(
        read(head),
        Damage.Kind.ANOTHER_HISTORY,
        "its record 10 is not the one that the given head knows",
        name(10));
  }

  @Test
  void evenWhatIsRequiredMayBeMissing() {
    objects.get(2).setSpec(null);
    assertThat(TransitionChain.byUid(objects)).containsOnlyKeys("", UID);

    assertThat(read().damage()).isPresent();
  }

  // ---- what a person takes note of ----

  /** As the operator does it: after the last line that can be read. */
  private AuditRecord acknowledge(TransitionChain chain, Optional<Chain.Head> lost) {
    Damage noted = chain.unacknowledged().orElseThrow();
    AuditRecord record =
        Chain.seal(
            chain.head(),
            BEGUN.plusSeconds(1000),
            Optional.of(DEMO),
            new Entry.Acknowledged(
                noted.kind().word(),
                noted.line(),
                noted.message(),
                "the objects",
                lost.map(Chain.Head::text),
                new Actor("kim", "annotation", false),
                "it was me"));
    objects.add(object(record));
    return record;
  }

  private void assertGoesOnAfter(int count) {
    TransitionChain chain = read();
    assertThat(chain.unacknowledged()).isEmpty();
    assertThat(chain.records()).hasSize(count);
    AuditRecord next =
        Chain.seal(
            chain.head(), BEGUN.plusSeconds(2000), Optional.of(DEMO), new Entry.Stopped("kim"));
    objects.add(object(next));
    assertThat(read().unacknowledged()).isEmpty();
    assertThat(read().head()).isEqualTo(Chain.Head.of(next));
    assertThat(read().records()).hasSize(count + 1);
  }

  @Test
  void whatIsMissingIsTakenNoteOfAndGoesOnToBeNamed() {
    objects.remove(4);
    TransitionChain chain = read();
    assertThat(chain.records()).hasSize(4);

    acknowledge(chain, Optional.empty());

    assertGoesOnAfter(records.size() - 1 + 1);
    damaged(Damage.Kind.MISSING, "record 5 is missing", name(6));
  }

  @Test
  void aLineThatWasEditedIsPassedOverOnceSomebodyHasTakenNote() {
    TransitionSpec spec = objects.get(6).getSpec();
    replace(7, spec(spec, spec.verdict(), spec.line().replace("seq", "sEq")));
    acknowledge(read(), Optional.empty());

    assertGoesOnAfter(records.size() - 1 + 1);
    damaged(Damage.Kind.EDITED, "edited", name(7));
  }

  @Test
  void theLastOnesThatAreGoneAreTakenNoteOfByTheirHead() {
    Damages.Known lost = known(records.size());
    objects.remove(objects.size() - 1);
    acknowledge(read(lost), Optional.of(lost.head()));

    assertThat(read(lost).unacknowledged()).isEmpty();
    assertGoesOnAfter(records.size());
  }

  @Test
  void nothingOfAnotherHistoryCountsBeforeTheAcknowledgement() {
    List<AuditRecord> forged = new ArrayList<>();
    Chain.Head head = new Chain.Head(4, "0".repeat(64));
    while (objects.size() > 4) {
      objects.remove(4);
    }
    for (int i = 0; i < 3; i++) {
      forged.add(Chain.seal(head, BEGUN, Optional.of(DEMO), new Entry.Stopped("mallory")));
      head = Chain.Head.of(forged.get(i));
      objects.add(object(forged.get(i)));
    }
    AuditRecord noted = acknowledge(read(), Optional.empty());

    assertThat(noted.seq()).isEqualTo(8);
    assertThat(read().records()).doesNotContainAnyElementsOf(forged);
    assertGoesOnAfter(4 + 1);
  }

  @Test
  void oneDamageThatIsTakenNoteOfHidesNoOtherOne() {
    objects.remove(4);
    acknowledge(read(), Optional.empty());
    objects.remove(8);

    assertThat(read().unacknowledged().orElseThrow().message()).contains("record 10 is missing");
  }
}
