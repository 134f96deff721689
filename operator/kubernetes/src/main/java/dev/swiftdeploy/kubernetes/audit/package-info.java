/** The audit chain as objects of the API server. */
@NullMarked
package dev.swiftdeploy.kubernetes.audit;

import org.jspecify.annotations.NullMarked;
