@NullMarked
package dev.swiftdeploy.adapters.host;

import org.jspecify.annotations.NullMarked;
