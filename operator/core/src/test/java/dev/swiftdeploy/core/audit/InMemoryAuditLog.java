package dev.swiftdeploy.core.audit;

import dev.swiftdeploy.core.spec.ResourceName;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Passes {@code AuditLogContract}; gone with the test. Its lines outlive it, as a file would: a
 * daemon that comes back makes a new one on the same lines.
 */
public final class InMemoryAuditLog implements AuditLog {
  private static final State NOTHING = new StateFold().state();

  private final List<String> lines;
  private final Clock clock;
  private final List<AuditRecord> records = new ArrayList<>();
  private final Map<ResourceName, StateFold> folds = new HashMap<>();
  private final Map<ResourceName, State> states = new HashMap<>();
  private Chain.Head head = Chain.Head.START;
  private Optional<Damage> damage = Optional.empty();
  private boolean full;
  private Duration patience = Duration.ZERO;
  private Predicate<Entry> refused = entry -> false;

  /** Reads these lines, and appends to them. */
  public InMemoryAuditLog(List<String> lines, Clock clock) {
    this.lines = lines;
    this.clock = clock;
    for (String line : lines) {
      Chain.Read read = Chain.read(head, line);
      if (read instanceof Chain.Read.Bad bad) {
        damage = Optional.of(new Damage(bad.kind(), records.size() + 1, bad.why()));
        return;
      }
      take(((Chain.Read.Good) read).record());
    }
  }

  /** While true, nothing can be appended. */
  public void full(boolean now) {
    full = now;
  }

  /** These entries can't be appended from now on. */
  public void refuse(Predicate<Entry> entries) {
    refused = entries;
  }

  /** So long may an answer that changes nothing wait for the next record. */
  public void patience(Duration time) {
    patience = time;
  }

  @Override
  public Duration patience() {
    return patience;
  }

  private void take(AuditRecord record) {
    records.add(record);
    head = new Chain.Head(record.seq(), record.hash());
    record.resource().ifPresent(name -> folds.computeIfAbsent(name, n -> new StateFold()));
    folds.forEach(
        (name, fold) -> {
          if (record.concerns(name)) {
            fold.accept(record);
            states.put(name, fold.state());
          }
        });
  }

  @Override
  public State state(ResourceName resource) {
    return states.getOrDefault(resource, NOTHING);
  }

  @Override
  public List<AuditRecord> records() {
    return List.copyOf(records);
  }

  @Override
  public Chain.Head head() {
    return head;
  }

  @Override
  public Optional<Damage> damage() {
    return damage;
  }

  @Override
  public AuditRecord append(Optional<ResourceName> resource, Entry entry) {
    if (damage.isPresent()) {
      throw new AuditException("the chain is damaged: " + damage.get().message());
    }
    if (full || refused.test(entry)) {
      throw new AuditException("no space left");
    }
    AuditRecord record = Chain.seal(head, clock.instant(), resource, entry);
    lines.add(record.line());
    take(record);
    return record;
  }
}
