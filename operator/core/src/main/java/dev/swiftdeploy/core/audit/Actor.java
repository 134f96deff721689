package dev.swiftdeploy.core.audit;

/**
 * Who is behind a change.
 *
 * @param source {@code spec} (a changed manifest), {@code command}, or {@code annotation}
 * @param verified whether the host authenticated the name (on a machine: the operating system's
 *     user; never true for a name that a file or an annotation merely states)
 */
public record Actor(String name, String source, boolean verified) {}
