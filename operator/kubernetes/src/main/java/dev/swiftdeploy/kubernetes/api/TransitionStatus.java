package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonPropertyDescription;
import io.fabric8.generator.annotation.Size;
import org.jspecify.annotations.Nullable;

/** What came of a decision: a copy of the record that closes it, for whoever reads the object. */
@JsonInclude(JsonInclude.Include.NON_NULL)
@JsonClassDescription("What came of a decision.")
public record TransitionStatus(
    @JsonPropertyDescription("Applied or Failed.") @Size(max = 32) @Nullable String outcome,
    @JsonPropertyDescription("In one sentence.") @Size(max = 2048) @Nullable String message,
    @JsonPropertyDescription(
            "The record that closes the transition, byte for byte as its own object has it.")
        @Size(max = 1_000_000)
        @Nullable String outcomeLine) {}
