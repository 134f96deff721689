/** The commands. Data goes to stdout, talk to stderr. */
@NullMarked
package dev.swiftdeploy.cli;

import org.jspecify.annotations.NullMarked;
