package dev.swiftdeploy.local.files;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;

/** Files that are there whole or not at all, also after a power cut; for their owner only. */
public final class DurableFile {
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FILE = owner("rw-------");
  private static final FileAttribute<Set<PosixFilePermission>> OWNER_FOLDER = owner("rwx------");

  private DurableFile() {}

  /** Writes or replaces a file, with its folders. */
  public static void write(Path file, String text) throws IOException {
    Path fresh = fresh(file);
    try {
      try (FileChannel channel =
          FileChannel.open(
              fresh, Set.of(StandardOpenOption.WRITE, StandardOpenOption.CREATE_NEW), OWNER_FILE)) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        while (bytes.hasRemaining()) {
          channel.write(bytes);
        }
        channel.force(true);
      }
      place(fresh, file);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  /** A name beside a file for its next version; nobody else uses it. */
  public static Path fresh(Path file) throws IOException {
    makeFolder(folder(file));
    return file.resolveSibling(
        "." + file.getFileName() + "." + ProcessHandle.current().pid() + "." + System.nanoTime());
  }

  /** Gives a forced file its name, durably. */
  public static void place(Path fresh, Path file) throws IOException {
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    try (FileChannel folder = FileChannel.open(folder(file), StandardOpenOption.READ)) {
      folder.force(true);
    }
  }

  public static void makeFolder(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder, OWNER_FOLDER);
    }
  }

  private static Path folder(Path file) {
    return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file has a folder");
  }

  private static FileAttribute<Set<PosixFilePermission>> owner(String permissions) {
    return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
  }
}
