/** Files that are there whole or not at all, and folders. */
@NullMarked
package dev.swiftdeploy.local.files;

import org.jspecify.annotations.NullMarked;
