package dev.swiftdeploy.kubernetes.operator;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import dev.swiftdeploy.core.admission.Violation;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.status.Status;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Renders answers of policy, and the evidence that they rest on, for a status. Pure. */
final class ReviewObjects {
  private ReviewObjects() {}

  /**
   * The last answer.
   *
   * @param decided the same, with the input that policy was given
   */
  static SwiftDeployStatus.Review review(
      Status.DecisionStatus answer, Optional<Entry.Decided> decided) {
    JsonNode metrics =
        decided
            .flatMap(Entry.Decided::input)
            .<JsonNode>map(input -> input.path("metrics"))
            .orElseGet(MissingNode::getInstance);
    return new SwiftDeployStatus.Review(
        answer.id(),
        answer.at().map(ReviewObjects::second).orElse(null),
        answer.transition(),
        StatusObjects.capitalized(answer.verdict()),
        answer.failedReviews(),
        answer.violations().stream().map(ReviewObjects::found).toList(),
        measured(metrics.path("candidate")),
        measured(metrics.path("stable")),
        answer.nextStep().orElse(null));
  }

  static List<SwiftDeployStatus.Decision> decisions(List<Status.DecisionStatus> answers, int most) {
    return answers.stream()
        .limit(most)
        .map(
            answer ->
                new SwiftDeployStatus.Decision(
                    answer.id(),
                    answer.at().map(ReviewObjects::second).orElse(null),
                    answer.transition(),
                    StatusObjects.capitalized(answer.verdict()),
                    answer.outcome().orElse(null),
                    answer.message()))
        .toList();
  }

  static String second(Instant at) {
    return at.truncatedTo(ChronoUnit.SECONDS).toString();
  }

  private static SwiftDeployStatus.Found found(Violation violation) {
    return new SwiftDeployStatus.Found(
        violation.qualifiedCode(),
        violation.message(),
        text(violation.observed()),
        text(violation.threshold()));
  }

  private static @Nullable String text(JsonNode value) {
    return value.isNull() || value.isMissingNode()
        ? null
        : value.isValueNode() ? value.asText() : value.toString();
  }

  private static SwiftDeployStatus.@Nullable Measured measured(JsonNode workload) {
    return workload.isObject()
        ? new SwiftDeployStatus.Measured(
            number(workload, "requests"),
            number(workload, "synthetic_requests"),
            number(workload, "error_rate"),
            number(workload, "p50_ms"),
            number(workload, "p99_ms"),
            workload.path("restarts").asInt(),
            workload.path("instances").asInt(),
            number(workload, "window_seconds"))
        : null;
  }

  private static @Nullable Double number(JsonNode workload, String field) {
    return workload.path(field).isNumber() ? workload.path(field).asDouble() : null;
  }
}
