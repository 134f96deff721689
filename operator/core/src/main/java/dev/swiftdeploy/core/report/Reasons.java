package dev.swiftdeploy.core.report;

import dev.swiftdeploy.core.admission.Decision;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Verdict;
import java.time.Duration;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Which rules blocked, how often and for how long. */
final class Reasons {
  private final Map<String, Audit.Reason> reasons = new HashMap<>();

  /** A denial was given so many times. */
  void count(Entry.Decided decided, int times) {
    codes(decided).forEach(code -> add(code, times, Duration.ZERO));
  }

  /** A transition that is to be enacted waited for so long after it. */
  void lasted(Entry.Decided decided, Duration time) {
    codes(decided).forEach(code -> add(code, 0, time));
  }

  private void add(String code, int times, Duration time) {
    reasons.merge(
        code,
        new Audit.Reason(code, times, time),
        (a, b) -> new Audit.Reason(code, a.times() + b.times(), a.time().plus(b.time())));
  }

  private static Set<String> codes(Entry.Decided decided) {
    Set<String> codes = new TreeSet<>();
    if (decided.verdict() == Verdict.DENIED) {
      decided.decision().map(Decision::violations).orElse(List.of()).stream()
          .filter(Violation::blocks)
          .forEach(violation -> codes.add(violation.qualifiedCode()));
    }
    return codes;
  }

  /** Those that blocked the longest first. */
  List<Audit.Reason> most() {
    return reasons.values().stream()
        .filter(reason -> reason.times() > 0)
        .sorted(
            Comparator.comparing(Audit.Reason::time)
                .thenComparing(Audit.Reason::times)
                .reversed()
                .thenComparing(Audit.Reason::code))
        .toList();
  }
}
