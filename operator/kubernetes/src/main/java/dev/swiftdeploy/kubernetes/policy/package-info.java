/** The policies that decided, kept as objects of the API server. */
@NullMarked
package dev.swiftdeploy.kubernetes.policy;

import org.jspecify.annotations.NullMarked;
