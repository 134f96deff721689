@NullMarked
package dev.swiftdeploy.local.proxy;

import org.jspecify.annotations.NullMarked;
