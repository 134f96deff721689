/** Releases on Kubernetes: what a tag stands for, and where an admitted release is kept. */
@NullMarked
package dev.swiftdeploy.kubernetes.release;

import org.jspecify.annotations.NullMarked;
