@NullMarked
package dev.swiftdeploy.core.plan;

import org.jspecify.annotations.NullMarked;
