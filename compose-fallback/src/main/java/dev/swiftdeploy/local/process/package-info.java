@NullMarked
package dev.swiftdeploy.local.process;

import org.jspecify.annotations.NullMarked;
