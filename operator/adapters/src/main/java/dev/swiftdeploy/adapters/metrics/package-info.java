/** Reads what workloads say of themselves, over HTTP, and sends them probes. */
@NullMarked
package dev.swiftdeploy.adapters.metrics;

import org.jspecify.annotations.NullMarked;
