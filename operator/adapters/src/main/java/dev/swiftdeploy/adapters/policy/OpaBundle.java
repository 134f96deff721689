package dev.swiftdeploy.adapters.policy;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.zip.GZIPOutputStream;

/**
 * A policy as a bundle that OPA loads (openpolicyagent.org/docs/management-bundles): the Rego it
 * was compiled from, its data, and a manifest whose revision is the policy's digest. The same
 * policy gives the same bytes.
 */
public final class OpaBundle {
  private static final int BLOCK = 512;

  private final SortedMap<String, byte[]> files;

  private OpaBundle(SortedMap<String, byte[]> files) {
    this.files = files;
  }

  /** Of a policy. */
  public static OpaBundle of(PolicyBundle policy) {
    SortedMap<String, byte[]> files = new TreeMap<>();
    policy
        .files()
        .forEach(
            (name, bytes) -> {
              if (PolicyFiles.isSource(name)) {
                files.put(name, bytes);
              }
            });
    files.put("data.json", policy.data());
    files.put(".manifest", manifest(policy.digest()));
    return new OpaBundle(files);
  }

  /** The same with one more file, such as who may ask the server. */
  public OpaBundle with(String name, String text) {
    SortedMap<String, byte[]> more = new TreeMap<>(files);
    more.put(name, text.getBytes(StandardCharsets.UTF_8));
    return new OpaBundle(more);
  }

  private static byte[] manifest(String revision) {
    try {
      return StrictJson.MAPPER.writeValueAsBytes(
          Map.of("revision", revision, "roots", new String[] {""}));
    } catch (JsonProcessingException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** As {@code bundle.tar.gz}. */
  public byte[] tarGz() {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      for (Map.Entry<String, byte[]> file : files.entrySet()) {
        out.write(header(file.getKey(), file.getValue().length));
        out.write(file.getValue());
        out.write(new byte[(BLOCK - file.getValue().length % BLOCK) % BLOCK]);
      }
      out.write(new byte[2 * BLOCK]);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A regular file's header in POSIX ustar: a name beyond 100 bytes is split at a slash. */
  private static byte[] header(String name, int size) {
    byte[] header = new byte[BLOCK];
    int cut = name.length() <= 100 ? -1 : name.indexOf('/', name.length() - 101);
    if (cut > 155 || (cut < 0 && name.length() > 100)) {
      throw new IllegalArgumentException("a name too long for a bundle: " + name);
    }
    put(header, 0, name.substring(cut + 1));
    put(header, 100, "0000644\0");
    put(header, 108, "0000000\0");
    put(header, 116, "0000000\0");
    put(header, 124, String.format("%011o\0", size));
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    put(header, 156, "0");
    put(header, 257, "ustar\00000");
    put(header, 345, cut < 0 ? "" : name.substring(0, cut));
    int sum = 0;
    for (byte each : header) {
      sum += each & 0xff;
    }
    put(header, 148, String.format("%06o\0 ", sum));
    return header;
  }

  private static void put(byte[] header, int at, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, header, at, bytes.length);
  }
}
