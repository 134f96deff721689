@NullMarked
package dev.swiftdeploy.core.admission;

import org.jspecify.annotations.NullMarked;
