package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Default;
import io.fabric8.generator.annotation.Max;
import io.fabric8.generator.annotation.Min;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.generator.annotation.ValidationRules;
import java.math.BigDecimal;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The spec as the API server takes it. Its keys are those of the manifest reader, which reads it
 * again into {@code core.spec.Spec}: here stands only what the schema needs.
 */
@JsonClassDescription(
    "What should run, and how its releases are delivered: the keys of a manifest for one machine.")
public record SwiftDeploySpec(
    @JsonPropertyDescription(
            "What is to run, and how: image, version, replicas, environment, health. A change of"
                + " what runs is a new release, which policy admits before anything is touched.")
        @Required
        Services services,
    @JsonPropertyDescription(
            "The proxy in front of the service: it splits the traffic between the stable release"
                + " and a candidate. nginx's image, the published port, timeouts.")
        @Nullable Nginx nginx,
    @JsonPropertyDescription(
            "The bridge network on Docker Compose. Kubernetes does without; it is taken so that"
                + " one manifest serves both.")
        @Nullable Network network,
    @JsonPropertyDescription(
            "How a new release is taken to all traffic. Without steps it is deployed at once,"
                + " after it proved healthy beside the one that serves; in mode canary it is held at"
                + " half of the traffic.")
        @Nullable Canary canary,
    @JsonPropertyDescription(
            "Who judges. On Kubernetes a resource does not choose its judge: engine, url and"
                + " directory count on a machine only. Thresholds count everywhere, and only"
                + " where they are stricter than the policy's own.")
        @Nullable Policy policy,
    @JsonPropertyDescription(
            "True starts no transition. One that is under way is finished or retreated from, and"
                + " what was admitted is kept up.")
        @Default("false")
        @Nullable Boolean paused) {

  /** The service itself. */
  @ValidationRule(
      value = "has(self.version) || !self.image.matches(r':(_[^/@]*|[^/@]*[._-]|[^/@]{64,})(@|$)')",
      message = "version is missing, and the image's tag is no version: write version: \"1.0.0\"",
      fieldPath = ".version")
  public record Services(
      @JsonPropertyDescription(
              "The image that runs, such as registry.example.com/team/app:1.2.3. Its tag is"
                  + " resolved to a digest before policy is asked; that digest is what runs.")
          @Required
          @Size(max = 255)
          @ValidationRule(value = Forms.IMAGE, message = Forms.IMAGE_MESSAGE)
          String image,
      @JsonPropertyDescription(
              "The command, word by word, on the process platform of one machine. In a container"
                  + " the image's own entry point runs, and this is not used.")
          @Size(max = 256)
          @ValidationRule(
              value = "self.size() == 0 || self[0].matches(r'[^ ]')",
              message = "a command starts with the program's name")
          @Nullable List<@Size(max = 16384) String> command,
      @JsonPropertyDescription("The port on which the service listens in its container.")
          @Default("3000")
          @Min(1)
          @Max(65535)
          @Nullable Integer port,
      @JsonPropertyDescription(
              "Where this release should end up. stable: it is taken all the way, through the"
                  + " canary steps. canary: it is taken to the last step and held there until"
                  + " this says stable.")
          @Default("stable")
          @Nullable Mode mode,
      @JsonPropertyDescription(
              "The release's version as people name it, given to the service as APP_VERSION. Where"
                  + " it is silent, the image's tag names it.")
          @Size(max = 63)
          @ValidationRule(value = Forms.VERSION, message = Forms.VERSION_MESSAGE)
          @Nullable String version,
      @JsonPropertyDescription("How many instances of the release run, 1 to 100.")
          @Default("1")
          @Min(1)
          @Max(100)
          @Nullable Integer replicas,
      @JsonPropertyDescription(
              "Environment variables of the service. MODE, APP_VERSION and APP_PORT are set by"
                  + " SwiftDeploy. Values are not secret: whoever may read this resource reads"
                  + " them. Policy sees only their hashes.")
          @Size(max = 500)
          @Nullable List<EnvVar> env,
      @JsonPropertyDescription(
              "What an instance may use: limits, and what is asked for it when it is scheduled.")
          @Nullable Resources resources,
      @JsonPropertyDescription("How an instance proves that it is healthy.")
          @Nullable Health health,
      @JsonPropertyDescription(
              "When an exited instance is started again. Counts on one machine and on Docker"
                  + " Compose; on Kubernetes it always is.")
          @Default("unless-stopped")
          @Nullable RestartPolicy restartPolicy) {}

  /** Where a release should end up. */
  public enum Mode {
    @JsonProperty("stable")
    STABLE,
    @JsonProperty("canary")
    CANARY
  }

  /** Compose's words. */
  public enum RestartPolicy {
    @JsonProperty("no")
    NO,
    @JsonProperty("on-failure")
    ON_FAILURE,
    @JsonProperty("always")
    ALWAYS,
    @JsonProperty("unless-stopped")
    UNLESS_STOPPED
  }

  /** One environment variable. */
  @JsonClassDescription("One environment variable.")
  public record EnvVar(
      @JsonPropertyDescription("The variable's name: letters, digits and _.")
          @Required
          @Size(max = 255)
          @ValidationRules({
            @ValidationRule(value = Forms.ENV_NAME, message = Forms.ENV_NAME_MESSAGE),
            @ValidationRule(
                value = "self != 'MODE'",
                message = "MODE is set by SwiftDeploy, from services.mode"),
            @ValidationRule(
                value = "self != 'APP_VERSION'",
                message = "APP_VERSION is set by SwiftDeploy, from services.version"),
            @ValidationRule(
                value = "self != 'APP_PORT'",
                message = "APP_PORT is set by SwiftDeploy, from services.port"),
          })
          String name,
      @JsonPropertyDescription("Its value, at most 16384 characters.") @Required @Size(max = 16384)
          String value) {}

  /** Limits of an instance. */
  public record Resources(
      @JsonPropertyDescription("Processors: 500m is half of one, 2 are two.")
          @Size(max = 20)
          @ValidationRule(value = Forms.CPU, message = Forms.CPU_MESSAGE)
          @Nullable String cpu,
      @JsonPropertyDescription("Memory: 256Mi, 1Gi.")
          @Size(max = 20)
          @ValidationRule(value = Forms.MEMORY, message = Forms.MEMORY_MESSAGE)
          @Nullable String memory) {}

  /** How an instance proves that it is healthy. */
  public record Health(
      @JsonPropertyDescription("Asked with GET on services.port; an answer of 2xx is healthy.")
          @Default("/healthz")
          @Size(max = 255)
          @ValidationRule(value = Forms.PATH, message = Forms.PATH_MESSAGE)
          @Nullable String path,
      @JsonPropertyDescription("The time between two checks.")
          @Default("1s")
          @Size(max = 32)
          @ValidationRule(
              value = Forms.POSITIVE_DURATION,
              message = Forms.POSITIVE_DURATION_MESSAGE)
          @Nullable String interval,
      @JsonPropertyDescription(
              "How long a new release may take to get healthy before it is retreated from and"
                  + " refused.")
          @Default("60s")
          @Size(max = 32)
          @ValidationRule(
              value = Forms.POSITIVE_DURATION,
              message = Forms.POSITIVE_DURATION_MESSAGE)
          @Nullable String deadline) {}

  /** The proxy. */
  public record Nginx(
      @JsonPropertyDescription("The proxy's image.")
          @Default("nginx:1.28")
          @Size(max = 255)
          @ValidationRule(value = Forms.IMAGE, message = Forms.IMAGE_MESSAGE)
          @Nullable String image,
      @JsonPropertyDescription("The published port: that of the Service named as this resource.")
          @Default("8080")
          @Min(1)
          @Max(65535)
          @Nullable Integer port,
      @JsonPropertyDescription("How long the proxy waits for an answer of the service.")
          @Default("30s")
          @Size(max = 32)
          @ValidationRule(
              value = Forms.POSITIVE_DURATION,
              message = Forms.POSITIVE_DURATION_MESSAGE)
          @Nullable String proxyTimeout,
      @JsonPropertyDescription(
              "How long requests in flight may take when the workload that answers them is to go.")
          @Default("30s")
          @Size(max = 32)
          @ValidationRule(value = Forms.DURATION, message = Forms.DURATION_MESSAGE)
          @Nullable String drainTimeout,
      @JsonPropertyDescription(
              "Whom to tell when a request fails; shown in the proxy's error bodies.")
          @Size(max = 120)
          @ValidationRule(value = Forms.CONTACT, message = Forms.CONTACT_MESSAGE)
          @Nullable String contact) {}

  /** The network on Compose. */
  public record Network(
      @JsonPropertyDescription("Its name on Docker Compose.")
          @Default("swiftdeploy-net")
          @Size(max = 63)
          @ValidationRule(value = Forms.NAME, message = Forms.NAME_MESSAGE)
          @Nullable String name,
      @JsonPropertyDescription("Its driver on Docker Compose: bridge.")
          @Default("bridge")
          @Size(max = 63)
          @ValidationRule(value = Forms.DRIVER, message = Forms.DRIVER_MESSAGE)
          @Nullable String driverType) {}

  /** How a release is taken to all traffic. */
  public record Canary(
      @JsonPropertyDescription(
              "Shares of the traffic, rising, that the release gets one after the other. Policy"
                  + " admits each. None: all at once.")
          @Size(max = 100)
          @ValidationRule(
              value =
                  "self.map(s, s.weight).isSorted()"
                      + " && self.all(s, self.exists_one(other, other.weight == s.weight))",
              message =
                  "weights must rise from step to step: let each step's weight be above the one"
                      + " before")
          @Nullable List<CanaryStep> steps,
      @JsonPropertyDescription("How a candidate is judged.") @Nullable Analysis analysis,
      @JsonPropertyDescription(
              "Requests sent to each workload directly while a candidate is judged, so that there"
                  + " is evidence without traffic. They are counted apart.")
          @Nullable Probe probe,
      @JsonPropertyDescription(
              "A request whose header of this name says canary goes to the candidate, whatever the"
                  + " weights. Off unless named.")
          @Size(max = 63)
          @ValidationRule(value = Forms.HEADER, message = Forms.HEADER_MESSAGE)
          @Nullable String header) {}

  /** A share of the traffic, and how long it is held. */
  @JsonClassDescription("A share of the traffic, and how long it is held.")
  public record CanaryStep(
      @JsonPropertyDescription("The candidate's share of the traffic in percent, 1 to 100.")
          @Required
          @Min(1)
          @Max(100)
          Integer weight,
      @JsonPropertyDescription(
              "How long the share is held at least before the next step. Not at all where it is"
                  + " left out.")
          @Size(max = 32)
          @ValidationRule(value = Forms.DURATION, message = Forms.DURATION_MESSAGE)
          @Nullable String hold) {}

  /** How a candidate is judged. */
  @ValidationRule(
      value =
          "!self.window.matches(r'^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$')"
              + " || !self.interval.matches(r'^([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?$')"
              + " || self.window == '' || self.interval == ''"
              + " || duration(self.window) >= duration(self.interval)",
      message =
          "the window is shorter than the interval between two reviews: write a window at least as"
              + " long as the interval",
      fieldPath = ".window")
  public record Analysis(
      @JsonPropertyDescription("The time between two reviews of a candidate.")
          @Default("5s")
          @Size(max = 32)
          @ValidationRule(
              value = Forms.POSITIVE_DURATION,
              message = Forms.POSITIVE_DURATION_MESSAGE)
          @Nullable String interval,
      @JsonPropertyDescription("How far back the measurements go that a review rests on.")
          @Default("30s")
          @Size(max = 32)
          @ValidationRule(
              value = Forms.POSITIVE_DURATION,
              message = Forms.POSITIVE_DURATION_MESSAGE)
          @Nullable String window) {}

  /** Requests for evidence. */
  public record Probe(
      @JsonPropertyDescription("Asked with GET.")
          @Default("/")
          @Size(max = 255)
          @ValidationRule(value = Forms.PATH, message = Forms.PATH_MESSAGE)
          @Nullable String path,
      @JsonPropertyDescription("How many to each workload in a second, above 0, at most 100.")
          @Default("5")
          @Min(value = 0, inclusive = false)
          @Max(100)
          @Nullable BigDecimal requestsPerSecond) {}

  /** Who judges, on a machine. */
  public record Policy(
      @JsonPropertyDescription(
              "embedded: the policies compiled to WebAssembly; opa: an OPA server. On a machine"
                  + " only.")
          @Default("embedded")
          @Nullable Engine engine,
      @JsonPropertyDescription("Where an OPA server answers. On a machine only.")
          @Size(max = 255)
          @ValidationRule(value = Forms.URL, message = Forms.URL_MESSAGE)
          @Nullable String url,
      @JsonPropertyDescription(
              "The policies' folder, below the manifest's or absolute. On a machine only.")
          @Size(max = 255)
          @ValidationRule(value = Forms.FOLDER, message = Forms.FOLDER_MESSAGE)
          @Nullable String directory,
      @JsonPropertyDescription(
              "Limits of this resource. Policy takes the stricter of each and its own.")
          @Nullable Thresholds thresholds) {}

  /** The policy engines. */
  public enum Engine {
    @JsonProperty("embedded")
    EMBEDDED,
    @JsonProperty("opa")
    OPA
  }

  /** The limits that a manifest can set. */
  public record Thresholds(
      @JsonPropertyDescription("Free disk space at least, in GB.") @Min(0)
          @Nullable BigDecimal minDiskFreeGb,
      @JsonPropertyDescription("1-minute load average per CPU at most.") @Min(0)
          @Nullable BigDecimal maxLoadPerCpu,
      @JsonPropertyDescription("1-minute load average at most.") @Min(0)
          @Nullable BigDecimal maxCpuLoad,
      @JsonPropertyDescription("Memory used at most, in percent, 0 to 100.") @Min(0) @Max(100)
          @Nullable BigDecimal maxMemoryUsedPercent,
      @JsonPropertyDescription("Failed requests at most, as a fraction, 0 to 1.") @Min(0) @Max(1)
          @Nullable BigDecimal maxErrorRate,
      @JsonPropertyDescription("99th percentile of the latency at most, in milliseconds.") @Min(0)
          @Nullable BigDecimal maxP99Ms,
      @JsonPropertyDescription("Requests at least before a candidate is judged.") @Min(0)
          @Nullable BigDecimal minRequests,
      @JsonPropertyDescription("Failed reviews in a row at most before a candidate goes.") @Min(0)
          @Nullable BigDecimal maxFailedReviews) {}
}
