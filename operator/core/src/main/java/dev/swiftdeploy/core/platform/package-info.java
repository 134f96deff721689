@NullMarked
package dev.swiftdeploy.core.platform;

import org.jspecify.annotations.NullMarked;
