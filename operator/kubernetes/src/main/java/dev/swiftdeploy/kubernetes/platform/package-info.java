/** Where workloads run: objects of one namespace. Rendering is pure; only the platform asks. */
@NullMarked
package dev.swiftdeploy.kubernetes.platform;

import org.jspecify.annotations.NullMarked;
