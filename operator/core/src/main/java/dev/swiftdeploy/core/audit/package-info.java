@NullMarked
package dev.swiftdeploy.core.audit;

import org.jspecify.annotations.NullMarked;
