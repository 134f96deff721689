/**
 * Policies on disk, their archive, and the embedded engine that runs them: the project's own Rego,
 * compiled to WebAssembly, on the JVM.
 */
@NullMarked
package dev.swiftdeploy.adapters.policy;

import org.jspecify.annotations.NullMarked;
