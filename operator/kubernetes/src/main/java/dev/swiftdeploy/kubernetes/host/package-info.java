/** The process around the operator: its client, leadership, health, metrics and logs. */
@NullMarked
package dev.swiftdeploy.kubernetes.host;

import org.jspecify.annotations.NullMarked;
