/**
 * The sample service that the shipped manifest delivers: small, quick to start, observable, and
 * able to hurt itself on request, so that a canary's chaos is seen in its metrics.
 */
@NullMarked
package dev.swiftdeploy.app;

import org.jspecify.annotations.NullMarked;
