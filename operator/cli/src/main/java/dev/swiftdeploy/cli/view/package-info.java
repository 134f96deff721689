/** What people are shown in a terminal: pure renderings of state, size and time. */
@NullMarked
package dev.swiftdeploy.cli.view;

import org.jspecify.annotations.NullMarked;
