/** Workloads as containers of a Docker engine, through the Compose command line. */
@NullMarked
package dev.swiftdeploy.local.compose;

import org.jspecify.annotations.NullMarked;
