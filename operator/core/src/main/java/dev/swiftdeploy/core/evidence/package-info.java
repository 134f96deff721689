@NullMarked
package dev.swiftdeploy.core.evidence;

import org.jspecify.annotations.NullMarked;
