package dev.swiftdeploy.core.loop;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.core.audit.AuditRecord;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.audit.Verdict;
import dev.swiftdeploy.core.platform.FakePlatform;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What holds of a chain and of what was done, whatever happened. */
final class Obligations {
  private Obligations() {}

  /** Each effect rests on the record of a decision that allowed to enact something. */
  static void everyEffectWasAdmitted(World world, int fromEffect) {
    List<AuditRecord> records = world.audit.records();
    List<FakePlatform.Applied> applied = world.platform.applied();
    for (FakePlatform.Applied a : applied.subList(fromEffect, applied.size())) {
      Permission permission = a.permission();
      assertThat(permission.seq()).as("%s", a).isBetween(1L, (long) records.size());
      Entry entry = records.get((int) permission.seq() - 1).entry();
      boolean admits =
          entry instanceof Entry.Decided d
              && d.verdict() == Verdict.ALLOWED
              && d.enact()
              && d.decisionId().equals(permission.decisionId());
      assertThat(admits).as("%s rests on %s", a.effect().text(), entry).isTrue();
    }
  }

  /**
   * One transition is under way at a time; each has one decision and at most one outcome; a granted
   * one rests on a decision that gave the grant, and that one was used for nothing else.
   */
  static void everyTransitionIsDecidedAndEndsOnce(World world) {
    Optional<String> open = Optional.empty();
    Set<String> decided = new HashSet<>();
    Set<String> used = new HashSet<>();
    for (AuditRecord record : world.audit.records()) {
      Entry entry = record.entry();
      if (entry instanceof Entry.Decided d) {
        assertThat(decided.add(d.decisionId())).as("%s decided once", d.decisionId()).isTrue();
        if (d.grantedBy().isPresent()) {
          assertThat(decided).contains(d.grantedBy().get());
          assertThat(used.add(d.grantedBy().get() + d.transition().kind()))
              .as("grant of %s used once", d.grantedBy().get())
              .isTrue();
        }
        if (d.verdict() == Verdict.ALLOWED && d.enact()) {
          assertThat(open).as("under way when %s is admitted", d.decisionId()).isEmpty();
          open = Optional.of(d.decisionId());
        }
      } else if (entry instanceof Entry.Applied a) {
        assertThat(open).contains(a.decisionId());
        open = Optional.empty();
      } else if (entry instanceof Entry.Failed f && f.decisionId().isPresent()) {
        assertThat(open).isEqualTo(f.decisionId());
        open = Optional.empty();
      }
    }
  }
}
