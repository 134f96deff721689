/** Where releases are kept on a machine. */
@NullMarked
package dev.swiftdeploy.local.release;

import org.jspecify.annotations.NullMarked;
