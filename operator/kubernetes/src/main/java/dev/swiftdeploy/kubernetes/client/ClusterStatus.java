package dev.swiftdeploy.kubernetes.client;

import dev.swiftdeploy.adapters.manifest.ManifestResult;
import dev.swiftdeploy.adapters.manifest.Problem;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.State;
import dev.swiftdeploy.core.loop.Desires;
import dev.swiftdeploy.core.platform.Observation;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.status.Condition;
import dev.swiftdeploy.core.status.ReportedStatus;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.kubernetes.api.ResourceReader;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * One resource's status: the conditions, and what is waited for, are the operator's own word; the
 * rest is what is on record and what is there. Pure.
 */
final class ClusterStatus {
  private static final String PLATFORM = "kubernetes";

  private ClusterStatus() {}

  /** What is wrong with the spec; empty where it can be read. */
  static Optional<String> problem(SwiftDeployResource resource) {
    ManifestResult read = ResourceReader.read(resource);
    return read instanceof ManifestResult.Manifest
        ? Optional.empty()
        : Optional.of(
            resource.getMetadata().getName()
                + ": "
                + read.problems().stream().map(Problem::text).collect(Collectors.joining("; ")));
  }

  /** Of a resource whose spec can be read. */
  static Status of(SwiftDeployResource object, TransitionChain chain, Observation observation) {
    ManifestResult.Manifest manifest = (ManifestResult.Manifest) ResourceReader.read(object);
    Resource declared = manifest.resources().get(0);
    return reported(object, declared, chain.state())
        .project(declared, chain.state(), observation, chain.head(), chain.damage());
  }

  private static ReportedStatus reported(
      SwiftDeployResource object, Resource declared, State state) {
    SwiftDeployStatus told = SwiftDeployStatus.written(object);
    long generation =
        object.getMetadata().getGeneration() == null ? 0 : object.getMetadata().getGeneration();
    long observed =
        told == null || told.observedGeneration() == null ? 0 : told.observedGeneration();
    boolean current = observed == generation;
    boolean deleted = object.getMetadata().getDeletionTimestamp() != null;
    SwiftDeployStatus.Waiting waiting = told == null || !current ? null : told.waiting();
    return new ReportedStatus(
        Optional.ofNullable(object.getMetadata().getUid()),
        PLATFORM,
        generation,
        observed,
        current ? Desires.digest(declared.spec()) : "",
        deleted ? deleted() : current ? conditions(told) : unobserved(generation),
        Optional.ofNullable(told).map(SwiftDeployStatus::url),
        waiting == null ? "not-observed" : text(waiting.rule()),
        waiting == null ? "the operator has told nothing of it yet" : text(waiting.why()),
        waiting == null ? "wait" : text(waiting.next()),
        policy(told, state));
  }

  private static Status.PolicyStatus policy(@Nullable SwiftDeployStatus told, State state) {
    SwiftDeployStatus.PolicyUsed used = told == null ? null : told.policy();
    boolean verified =
        state
            .lastReview()
            .map(State.Review::decided)
            .map(Entry.Decided::policy)
            .map(p -> p.verified())
            .orElse(true);
    return new Status.PolicyStatus(
        used == null ? "not known" : text(used.engine()),
        Optional.ofNullable(used).map(SwiftDeployStatus.PolicyUsed::digest),
        verified,
        Optional.ofNullable(used).map(SwiftDeployStatus.PolicyUsed::problem));
  }

  private static List<Condition> conditions(@Nullable SwiftDeployStatus told) {
    List<Condition> all = new ArrayList<>();
    long generation =
        told == null || told.observedGeneration() == null ? 0 : told.observedGeneration();
    for (Condition usual : unobserved(generation)) {
      all.add(
          Optional.ofNullable(told).map(SwiftDeployStatus::conditions).stream()
              .flatMap(List::stream)
              .filter(c -> c.type().equals(usual.type()))
              .findFirst()
              .map(c -> new Condition(c.type(), is(c.status()), c.reason(), c.message()))
              .orElse(usual));
    }
    return all;
  }

  private static Condition.Status is(String text) {
    try {
      return Condition.Status.valueOf(text.toUpperCase(Locale.ROOT));
    } catch (IllegalArgumentException e) {
      return Condition.Status.UNKNOWN;
    }
  }

  /** As kstatus takes it: what is not looked at yet is on its way. */
  private static List<Condition> unobserved(long generation) {
    return underWay(
        "NotObserved",
        "the operator has not looked at generation " + generation + " yet: does one run?");
  }

  /** No status is written any more; what holds its teardown up is told by Events. */
  private static List<Condition> deleted() {
    return underWay(
        "Deleted",
        "it is deleted, and goes once its teardown is done; what holds that up is told by:"
            + " kubectl events");
  }

  private static List<Condition> underWay(String reason, String why) {
    return List.of(
        new Condition("Ready", Condition.Status.FALSE, reason, why),
        new Condition("Reconciling", Condition.Status.TRUE, reason, why),
        new Condition("Stalled", Condition.Status.FALSE, reason, why),
        new Condition("Admitted", Condition.Status.UNKNOWN, reason, why));
  }

  private static String text(@Nullable String text) {
    return text == null ? "" : text;
  }
}
