package dev.swiftdeploy.adapters.audit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How a file looks while nobody else touches it.
 *
 * @param key the inode, where there are such
 * @param modified in nanoseconds
 */
record Looks(@Nullable Object key, long size, long modified) {
  static Looks of(Path file) throws IOException {
    BasicFileAttributes now = Files.readAttributes(file, BasicFileAttributes.class);
    return new Looks(now.fileKey(), now.size(), now.lastModifiedTime().to(TimeUnit.NANOSECONDS));
  }
}
