/** Whose signature under a server's certificate is believed. */
@NullMarked
package dev.swiftdeploy.adapters.tls;

import org.jspecify.annotations.NullMarked;
