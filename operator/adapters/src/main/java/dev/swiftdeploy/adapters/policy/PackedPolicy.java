package dev.swiftdeploy.adapters.policy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.LocalDateTime;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/**
 * A policy as one compressed file: a zip of a policies directory. The same policy gives the same
 * bytes. {@code unzip -d policies FILE} makes a directory of it again.
 */
public final class PackedPolicy {
  /** The earliest that zip knows: when a policy was packed does not matter. */
  private static final LocalDateTime TIME = LocalDateTime.of(1980, 1, 1, 0, 0);

  private static final int LARGEST = 32 << 20;

  private PackedPolicy() {}

  /** Packs it. */
  public static byte[] pack(PolicyBundle policy) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : policy.files().entrySet()) {
        ZipEntry entry = new ZipEntry(file.getKey());
        entry.setTimeLocal(TIME);
        zip.putNextEntry(entry);
        zip.write(file.getValue());
        zip.closeEntry();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** Unpacks it; empty: it is no whole and consistent policy. */
  public static Optional<PolicyBundle> unpack(byte[] packed) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    int left = LARGEST;
    try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(packed))) {
      for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
        byte[] bytes = zip.readNBytes(left + 1);
        left -= bytes.length;
        if (left < 0) {
          return Optional.empty();
        }
        files.put(entry.getName(), bytes);
      }
    } catch (IOException | IllegalArgumentException e) {
      return Optional.empty();
    }
    return PolicyBundle.of(files);
  }
}
