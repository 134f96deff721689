package dev.swiftdeploy.core.platform;

import java.util.Optional;

/**
 * The proxy as observed.
 *
 * @param running the proxy runs and answers
 * @param route what it routes now; empty if that can't be told (edited by hand, another version)
 * @param current its configuration is byte for byte what {@code route} renders to with the
 *     instances' present addresses; false asks for {@link Effect.SetRoute} again
 * @param draining requests of an earlier route are still in flight
 * @param detail for people, where something is wrong
 */
public record ObservedRoute(
    boolean running,
    Optional<Route> route,
    boolean current,
    boolean draining,
    Optional<String> detail) {}
