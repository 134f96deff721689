package dev.swiftdeploy.app;

/**
 * A request as far as an answer depends on it.
 *
 * @param method as sent
 * @param accept the header {@code Accept}; empty if there is none
 * @param probe whether SwiftDeploy itself asks, to have evidence where there is no traffic
 * @param body the whole body; its start only, if it is too large
 * @param tooLarge whether the body exceeds what is taken
 */
record Request(
    Route route, String method, String accept, boolean probe, String body, boolean tooLarge) {}
