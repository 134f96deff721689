/** Asking instances how they do. */
@NullMarked
package dev.swiftdeploy.local.health;

import org.jspecify.annotations.NullMarked;
