package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every policy that was ever used, packed, each under its digest ({@code <digest>.zip}), so that
 * any record can be replayed under what judged it. Written once, whole, and forced to disk before
 * the policy is used.
 */
public final class PolicyArchive {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");
  private static final String PACKED = ".zip";

  private final Path root;

  /**
   * @param root the folder that holds a file for each digest; made when the first is kept
   */
  public PolicyArchive(Path root) {
    this.root = root;
  }

  /** Keeps a policy, unless it is there already; a file that was damaged is put aside. */
  public void keep(PolicyBundle bundle) throws IOException {
    Path file = root.resolve(bundle.digest() + PACKED);
    if (Files.exists(file)) {
      if (read(bundle.digest()).isPresent()) {
        return;
      }
      Files.move(file, aside(file));
    }
    Files.createDirectories(root);
    Path unfinished = Files.createTempFile(root, ".unfinished-", PACKED);
    try {
      write(unfinished, PackedPolicy.pack(bundle));
      Files.move(unfinished, file, StandardCopyOption.ATOMIC_MOVE); // over what another one kept
      force(root);
    } finally {
      Files.deleteIfExists(unfinished);
    }
  }

  /** The policy of this digest; empty if it was never kept, or was damaged since. */
  public Optional<PolicyBundle> read(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      return Optional.empty();
    }
    try {
      return PackedPolicy.unpack(Files.readAllBytes(root.resolve(digest + PACKED)))
          .filter(bundle -> bundle.digest().equals(digest));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** The digests of all that is kept. */
  public List<String> digests() throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> name.endsWith(PACKED))
          .map(name -> name.substring(0, name.length() - PACKED.length()))
          .filter(name -> DIGEST.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  private static Path aside(Path file) {
    for (int i = 1; ; i++) {
      Path aside = file.resolveSibling(file.getFileName() + ".damaged-" + i);
      if (!Files.exists(aside)) {
        return aside;
      }
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  /** Names in a folder are durable once it is forced; systems that can't do so don't need it. */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // Windows opens no folders
    }
  }
}
