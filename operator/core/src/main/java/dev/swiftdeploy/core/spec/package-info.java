@NullMarked
package dev.swiftdeploy.core.spec;

import org.jspecify.annotations.NullMarked;
