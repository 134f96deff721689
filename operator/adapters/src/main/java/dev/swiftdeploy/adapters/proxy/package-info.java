@NullMarked
package dev.swiftdeploy.adapters.proxy;

import org.jspecify.annotations.NullMarked;
