@NullMarked
package dev.swiftdeploy.adapters.audit;

import org.jspecify.annotations.NullMarked;
