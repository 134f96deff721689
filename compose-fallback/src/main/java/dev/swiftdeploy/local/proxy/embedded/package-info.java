/**
 * The embedded proxy's own process. It shares nothing with the daemon but the configuration's file
 * and the admin socket.
 */
@NullMarked
package dev.swiftdeploy.local.proxy.embedded;

import org.jspecify.annotations.NullMarked;
