package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Required;
import io.fabric8.generator.annotation.Size;
import io.fabric8.generator.annotation.ValidationRule;
import org.jspecify.annotations.Nullable;

/**
 * One record of a resource's audit chain. All but {@code line} is there to be read, and never read
 * back.
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
@ValidationRule(
    value = "self == oldSelf",
    message = "a record of the audit chain is written once: leave spec as it is")
@JsonClassDescription(
    "One record of the audit chain. Written once; all but line is there to be read by people.")
public record TransitionSpec(
    @JsonPropertyDescription("The SwiftDeploy resource's name.") @Required @Size(max = 63)
        String resource,
    @JsonPropertyDescription("That resource's uid: made anew under its name, it has a new chain.")
        @Required
        @Size(max = 64)
        String uid,
    @JsonPropertyDescription("The record's number in the chain, from 1.") @Required Long seq,
    @JsonPropertyDescription(
            "What the record tells: opened, request, decision, applied, failed, repaired, sample,"
                + " policy_changed, stopped, started or recovered.")
        @Required
        @Size(max = 32)
        String type,
    @JsonPropertyDescription("When it was written.") @Required @Size(max = 40) String time,
    @JsonPropertyDescription(
            "The transition that was decided on, or that ended: deploy, canary, advance, promote,"
                + " rollback, configure or teardown.")
        @Size(max = 32)
        @Nullable String kind,
    @JsonPropertyDescription("The release it leads from.") @Size(max = 64) @Nullable String from,
    @JsonPropertyDescription("The release it leads to.") @Size(max = 64) @Nullable String to,
    @JsonPropertyDescription("What policy said: Allowed, Denied or Unavailable.") @Size(max = 32)
        @Nullable String verdict,
    @JsonPropertyDescription(
            "Whether the transition was to be carried out, or only the answer was of interest.")
        @Nullable Boolean enact,
    @JsonPropertyDescription("The id of the decision that it is, or rests on.") @Size(max = 64)
        @Nullable String decision,
    @JsonPropertyDescription("What became of the transition: Applied or Failed.") @Size(max = 32)
        @Nullable String outcome,
    @JsonPropertyDescription("In one sentence.") @Size(max = 2048) @Nullable String message,
    @JsonPropertyDescription(
            "The record itself: one line of JSON whose hash is over its own bytes and, through"
                + " prev, over all history.")
        @Required
        @Size(max = 1_000_000)
        String line) {}
