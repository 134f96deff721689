package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.admission.PolicyEngine;
import dev.swiftdeploy.core.audit.AuditLog;
import dev.swiftdeploy.core.evidence.HostFacts;
import dev.swiftdeploy.core.evidence.MetricsSource;
import dev.swiftdeploy.core.platform.Platform;
import dev.swiftdeploy.core.release.ReleaseResolver;
import dev.swiftdeploy.core.release.ReleaseStore;
import java.time.Clock;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Everything around the loop of one resource.
 *
 * @param ids gives a new id for a decision or a resource each time
 * @param events is told what happens, as it happens
 */
public record Ports(
    AuditLog audit,
    Platform platform,
    ReleaseResolver resolver,
    ReleaseStore releases,
    PolicyEngine policy,
    HostFacts host,
    MetricsSource metrics,
    Clock clock,
    Supplier<String> ids,
    Consumer<Event> events,
    CrashPoints crashPoints) {}
