@NullMarked
package dev.swiftdeploy.core.release;

import org.jspecify.annotations.NullMarked;
