package dev.swiftdeploy.core.loop;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.spec.Resource;
import java.util.OptionalLong;

/**
 * What a host hands to a tick.
 *
 * @param generation where the host counts it (Kubernetes); else the loop counts changed specs
 * @param deleted the resource is to go
 * @param actor who is behind the spec
 */
public record Declared(Resource resource, OptionalLong generation, boolean deleted, Actor actor) {}
