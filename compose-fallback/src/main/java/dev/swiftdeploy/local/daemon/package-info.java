/** The daemon of one machine: hosts the loop of each resource of one manifest. */
@NullMarked
package dev.swiftdeploy.local.daemon;

import org.jspecify.annotations.NullMarked;
