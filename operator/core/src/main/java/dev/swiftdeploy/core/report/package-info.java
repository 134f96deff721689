/** What people read of an audit chain. Pure renderings. */
@NullMarked
package dev.swiftdeploy.core.report;

import org.jspecify.annotations.NullMarked;
