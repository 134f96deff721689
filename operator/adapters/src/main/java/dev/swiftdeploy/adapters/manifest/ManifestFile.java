package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * Reads a manifest from its file, and edits it there. What kind of file it is and its size are
 * looked at first, so that a huge one costs nothing and a pipe blocks nothing.
 */
public final class ManifestFile {
  private ManifestFile() {}

  /** What is in the file, or why it can't be taken; a file that isn't there can't. */
  public static ManifestResult read(Path file) {
    return load(file, file).result();
  }

  /**
   * What is in a copy that was kept of a manifest: a flat one without a name is still named after
   * the folder of the manifest, not of the copy.
   */
  public static ManifestResult readCopy(Path copy, Path manifest) {
    return load(copy, manifest).result();
  }

  /**
   * What was read, and from which bytes.
   *
   * @param content empty where the file can't be read, or is too large to be
   */
  record Loaded(ManifestResult result, Optional<byte[]> content) {}

  static Loaded load(Path file, Path named) {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        return refused(named, "this is no file", "name a manifest's file");
      }
      if (attributes.size() > ManifestText.MOST_BYTES) {
        return tooLarge(named, attributes.size());
      }
      byte[] content = bounded(file);
      return content.length > ManifestText.MOST_BYTES
          ? tooLarge(named, content.length) // it grew meanwhile
          : new Loaded(
              ManifestReader.read(content, name(named), folder(named)), Optional.of(content));
    } catch (NoSuchFileException e) {
      return refused(named, "the file is not there", "swiftdeploy init writes one");
    } catch (IOException e) {
      return refused(
          named,
          "the file can't be read: " + reason(e),
          "check that it is a file that you may read");
    }
  }

  private static String reason(IOException e) {
    if (e instanceof AccessDeniedException) {
      return "permission denied";
    }
    String reason = e instanceof FileSystemException f ? f.getReason() : null;
    return reason == null ? e.getClass().getSimpleName() : Structure.line(reason);
  }

  private static byte[] bounded(Path file) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      return in.readNBytes(ManifestText.MOST_BYTES + 1);
    }
  }

  private static Loaded tooLarge(Path file, long bytes) {
    return refused(file, ManifestText.tooLarge(bytes), "a manifest has at most 1 MiB");
  }

  private static Loaded refused(Path file, String message, String fix) {
    Problem problem =
        new Problem(Severity.ERROR, Structure.line(name(file)), 1, 1, "", message, fix);
    return new Loaded(new ManifestResult.Invalid(List.of(problem)), Optional.empty());
  }

  /**
   * Sets one value in the file, as {@link ManifestEdit#set} does in its text. The file is replaced
   * whole, with the same permissions: a crash leaves the old or the new one. A link to it stays a
   * link.
   *
   * @throws IOException if it can't be written, or was changed by someone else meanwhile
   */
  public static ManifestEdit.Result set(Path file, ResourceName resource, String path, String value)
      throws IOException {
    Loaded loaded = load(file, file);
    if (loaded.content().isEmpty()) {
      return new ManifestEdit.Result.Refused(loaded.result().problems());
    }
    byte[] before = loaded.content().get();
    ManifestEdit.Result result =
        ManifestEdit.set(before, name(file), folder(file), resource, path, value);
    if (result instanceof ManifestEdit.Result.Edited edited) {
      byte[] after = edited.text().getBytes(StandardCharsets.UTF_8);
      if (!Arrays.equals(after, before)) {
        replace(file.toRealPath(), before, after);
      }
    }
    return result;
  }

  private static void replace(Path file, byte[] before, byte[] after) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    Path fresh = Files.createTempFile(folder, "." + name(file) + ".", ".new");
    try {
      try (FileChannel out = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
        ByteBuffer buffer = ByteBuffer.wrap(after);
        while (buffer.hasRemaining()) {
          out.write(buffer);
        }
        out.force(true);
      }
      if (Files.getFileAttributeView(file, PosixFileAttributeView.class) != null) {
        Files.setPosixFilePermissions(fresh, Files.getPosixFilePermissions(file));
      }
      if (!Arrays.equals(bounded(file), before)) {
        throw new IOException(name(file) + " was changed by someone else meanwhile");
      }
      Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    } finally {
      Files.deleteIfExists(fresh);
    }
  }

  private static String name(Path file) {
    return String.valueOf(file.getFileName());
  }

  private static String folder(Path file) {
    Path parent = file.toAbsolutePath().normalize().getParent();
    return parent == null || parent.getFileName() == null ? "" : parent.getFileName().toString();
  }
}
