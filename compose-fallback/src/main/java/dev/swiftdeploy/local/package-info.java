@NullMarked
package dev.swiftdeploy.local;

import org.jspecify.annotations.NullMarked;
