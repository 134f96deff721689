/** An OPA of our own on this machine. */
@NullMarked
package dev.swiftdeploy.local.policy;

import org.jspecify.annotations.NullMarked;
