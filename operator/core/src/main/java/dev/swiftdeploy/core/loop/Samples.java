package dev.swiftdeploy.core.loop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * When what is seen is worth keeping, and how it is written. Samples are for people: nothing is
 * decided by one, and one that can't be kept is left out.
 *
 * <p>While there is a candidate whose metrics are read, one is due every analysis interval, and
 * ever more rarely the longer a step lasts (a tenth of its age): a step of any length leaves a
 * bounded number of them. Without a candidate one is due only when a person asks and it says
 * something new.
 */
final class Samples {
  static final String VERSION = "swiftdeploy.dev/sample/v1";
  private static final int OF_AGE = 10;

  private Instant last = Instant.MIN;
  private Optional<ObjectNode> kept = Optional.empty();
  private boolean asked;

  /** A person wants one. */
  void ask() {
    asked = true;
  }

  /** The sample that is due now, if one is; it counts as taken. */
  Optional<Entry> due(ReleaseLoop.View view, Instant now) {
    boolean wanted = asked;
    asked = false;
    if (view.state().empty() || view.damage().isPresent() || !due(view, wanted, now)) {
      return Optional.empty();
    }
    ObjectNode sample = sample(view);
    if (kept.equals(Optional.of(sample))) {
      return Optional.empty();
    }
    last = now;
    kept = Optional.of(sample);
    return Optional.of(new Entry.Sampled(sample));
  }

  private boolean due(ReleaseLoop.View view, boolean wanted, Instant now) {
    Duration interval = view.desired().spec().canary().analysisInterval();
    boolean judged =
        view.candidate().isPresent()
            && view.metrics().filter(m -> m.candidate().or(m::stable).isPresent()).isPresent();
    Duration pause = wanted || !judged ? interval : longer(interval, age(view, now));
    boolean rested =
        last.equals(Instant.MIN) || last.isAfter(now) || !now.isBefore(last.plus(pause));
    return (wanted || judged) && rested;
  }

  private static Duration age(ReleaseLoop.View view, Instant now) {
    return view.state()
        .candidateSince()
        .map(since -> Duration.between(since, now))
        .orElse(Duration.ZERO);
  }

  private static Duration longer(Duration interval, Duration age) {
    Duration share = age.dividedBy(OF_AGE);
    return share.compareTo(interval) > 0 ? share : interval;
  }

  private static ObjectNode sample(ReleaseLoop.View view) {
    ObjectNode sample = JsonNodeFactory.instance.objectNode();
    sample.put("version", VERSION);
    view.state()
        .admitted()
        .candidate()
        .ifPresent(
            c -> {
              sample.put("step", c.step());
              sample.put("steps", view.desired().spec().canary().candidateSteps().size());
            });
    view.stable().ifPresent(side -> sample.set("stable", side(side)));
    view.candidate().ifPresent(side -> sample.set("candidate", side(side)));
    return sample;
  }

  private static ObjectNode side(Side side) {
    ObjectNode node = JsonNodeFactory.instance.objectNode();
    node.put("workload", side.workload().name());
    node.put("release_version", side.version().value());
    node.put("replicas", side.replicas());
    node.put("ready", side.ready());
    node.put("weight", side.weight());
    node.put("actual_weight", side.actualWeight().orElse(null));
    node.set(
        "metrics",
        side.metrics()
            .map(m -> Json.MAPPER.<JsonNode>valueToTree(m))
            .orElse(JsonNodeFactory.instance.nullNode()));
    return node;
  }
}
