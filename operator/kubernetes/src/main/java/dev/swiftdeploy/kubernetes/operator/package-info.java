/** The operator: a loop for each resource, its status and its events. It holds no delivery rule. */
@NullMarked
package dev.swiftdeploy.kubernetes.operator;

import org.jspecify.annotations.NullMarked;
