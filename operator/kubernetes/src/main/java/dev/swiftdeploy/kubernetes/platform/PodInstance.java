package dev.swiftdeploy.kubernetes.platform;

import dev.swiftdeploy.core.platform.Instance;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateTerminated;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How a pod reads as an instance. Pure. */
final class PodInstance {
  private static final String BACK_OFF = "CrashLoopBackOff";
  private static final int LONGEST_DETAIL = 300;
  private static final Set<String> ENDED = Set.of("Succeeded", "Failed");

  private PodInstance() {}

  static Instance of(int slot, Pod pod) {
    Optional<PodCondition> ready = condition(pod, "Ready");
    Optional<ContainerStatus> container =
        Optional.ofNullable(pod.getStatus())
            .flatMap(s -> s.getContainerStatuses().stream().findFirst());
    Instance.State state = state(ready, container);
    return new Instance(
        slot,
        state,
        address(pod),
        container.map(ContainerStatus::getRestartCount).orElse(0),
        state == Instance.State.UNHEALTHY ? Optional.of(since(pod, ready)) : Optional.empty(),
        state == Instance.State.HEALTHY ? Optional.empty() : detail(pod, ready, container));
  }

  /**
   * Whether it is in its last phase: nothing of it is started again, another pod takes its place.
   */
  static boolean ended(Pod pod) {
    return pod.getStatus() != null && ENDED.contains(pod.getStatus().getPhase());
  }

  /** One that the Deployment can't make: a quota, an admission. */
  static Instance missing(int slot, Deployment deployment) {
    Optional<String> why =
        Optional.ofNullable(deployment.getStatus()).stream()
            .flatMap(s -> s.getConditions().stream())
            .filter(c -> "ReplicaFailure".equals(c.getType()) && "True".equals(c.getStatus()))
            .map(c -> cut(c.getMessage()))
            .findFirst();
    return new Instance(
        slot,
        Instance.State.UNHEALTHY,
        Optional.empty(),
        0,
        Optional.of(Instant.parse(deployment.getMetadata().getCreationTimestamp())),
        Optional.of(why.orElse("it has no pod yet")));
  }

  private static Instance.State state(
      Optional<PodCondition> ready, Optional<ContainerStatus> container) {
    if (ready.map(c -> "True".equals(c.getStatus())).orElse(false)) {
      return Instance.State.HEALTHY;
    }
    Optional<ContainerState> now = container.map(ContainerStatus::getState);
    if (now.map(ContainerState::getWaiting)
        .map(w -> BACK_OFF.equals(w.getReason()))
        .orElse(false)) {
      return Instance.State.BACKING_OFF;
    }
    return now.map(ContainerState::getTerminated).isPresent()
        ? Instance.State.EXITED
        : Instance.State.UNHEALTHY;
  }

  private static Instant since(Pod pod, Optional<PodCondition> ready) {
    return Instant.parse(
        ready
            .map(PodCondition::getLastTransitionTime)
            .orElseGet(() -> pod.getMetadata().getCreationTimestamp()));
  }

  private static Optional<String> address(Pod pod) {
    @Nullable String ip = pod.getStatus() == null ? null : pod.getStatus().getPodIP();
    return Optional.ofNullable(ip)
        .map(
            host ->
                host
                    + ":"
                    + pod.getSpec().getContainers().get(0).getPorts().get(0).getContainerPort());
  }

  private static Optional<String> detail(
      Pod pod, Optional<PodCondition> ready, Optional<ContainerStatus> container) {
    Optional<ContainerState> now = container.map(ContainerStatus::getState);
    Optional<ContainerStateTerminated> ended =
        now.map(ContainerState::getTerminated)
            .or(
                () ->
                    container
                        .map(ContainerStatus::getLastState)
                        .map(ContainerState::getTerminated));
    Optional<ContainerStateWaiting> waits = now.map(ContainerState::getWaiting);
    if (ended.isPresent()) {
      return Optional.of(
          "ended with exit code " + ended.get().getExitCode() + told(ended.get().getMessage()));
    }
    if (waits.isPresent()) {
      return Optional.of(waits.get().getReason() + told(waits.get().getMessage()));
    }
    Optional<PodCondition> scheduled =
        condition(pod, "PodScheduled").filter(c -> "False".equals(c.getStatus()));
    if (scheduled.isPresent()) {
      return Optional.of("no node takes it" + told(scheduled.get().getMessage()));
    }
    return ready.map(c -> "its health check does not pass" + told(c.getMessage()));
  }

  private static String told(@Nullable String message) {
    return message == null || message.isBlank() ? "" : ": " + cut(message.strip());
  }

  private static String cut(String message) {
    return message.length() <= LONGEST_DETAIL
        ? message
        : message.substring(0, LONGEST_DETAIL) + "…";
  }

  private static Optional<PodCondition> condition(Pod pod, String type) {
    List<PodCondition> conditions =
        pod.getStatus() == null ? List.of() : pod.getStatus().getConditions();
    return conditions.stream().filter(c -> type.equals(c.getType())).findFirst();
  }
}
