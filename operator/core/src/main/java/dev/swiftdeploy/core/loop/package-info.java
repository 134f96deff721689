@NullMarked
package dev.swiftdeploy.core.loop;

import org.jspecify.annotations.NullMarked;
