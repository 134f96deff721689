/**
 * A cluster as commands see it: what its operator told, the audit chains, and what is asked of it.
 */
@NullMarked
package dev.swiftdeploy.kubernetes.client;

import org.jspecify.annotations.NullMarked;
