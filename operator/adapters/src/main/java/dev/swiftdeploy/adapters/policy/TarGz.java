package dev.swiftdeploy.adapters.policy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/** Reads one file out of what {@code opa build} makes: a gzipped POSIX ustar archive. */
final class TarGz {
  private static final int BLOCK = 512;
  private static final int NAME = 100;
  private static final int SIZE_AT = 124;
  private static final int SIZE_LENGTH = 12;

  private TarGz() {}

  /**
   * Reads it.
   *
   * @param name whole, as it is in the archive
   * @param largest bytes; more is an error
   */
  static Optional<byte[]> file(byte[] archive, String name, int largest) throws IOException {
    try (InputStream in = new GZIPInputStream(new ByteArrayInputStream(archive))) {
      while (true) {
        byte[] header = in.readNBytes(BLOCK);
        if (header.length < BLOCK || header[0] == 0) {
          return Optional.empty();
        }
        int size = size(header);
        if (text(header, 0, NAME).equals(name)) {
          if (size > largest) {
            throw new IOException(name + " is larger than " + (largest >> 20) + " MiB");
          }
          return Optional.of(in.readNBytes(size));
        }
        in.skipNBytes(size + (BLOCK - size % BLOCK) % BLOCK);
      }
    }
  }

  private static int size(byte[] header) throws IOException {
    try {
      return Integer.parseInt(text(header, SIZE_AT, SIZE_LENGTH).strip(), 8);
    } catch (NumberFormatException e) {
      throw new IOException("not an archive that opa makes", e);
    }
  }

  private static String text(byte[] header, int from, int length) {
    int end = from;
    while (end < from + length && header[end] != 0) {
      end++;
    }
    return new String(header, from, end - from, StandardCharsets.US_ASCII);
  }
}
