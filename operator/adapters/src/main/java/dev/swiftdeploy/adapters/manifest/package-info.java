/**
 * Reads, watches and edits manifest files. YAML is composed to nodes and read by position; no
 * object is ever constructed from a tag, and every value ends in a type of {@code core.spec}.
 */
@NullMarked
package dev.swiftdeploy.adapters.manifest;

import org.jspecify.annotations.NullMarked;
