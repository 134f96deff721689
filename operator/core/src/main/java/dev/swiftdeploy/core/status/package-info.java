@NullMarked
package dev.swiftdeploy.core.status;

import org.jspecify.annotations.NullMarked;
