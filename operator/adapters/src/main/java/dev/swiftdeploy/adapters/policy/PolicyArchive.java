package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every policy that was ever used, each under its digest, so that any record can be replayed under
 * what judged it. An entry is laid out as a policies directory is, so it opens like one. Written
 * once, whole, and forced to disk before the policy is used.
 */
public final class PolicyArchive {
  private static final Pattern DIGEST = Pattern.compile("[0-9a-f]{64}");

  private final Path root;

  /**
   * @param root the folder that holds an entry for each digest; made when the first is kept
   */
  public PolicyArchive(Path root) {
    this.root = root;
  }

  /** Keeps a policy, unless it is there already; an entry that was damaged is put aside. */
  public void keep(PolicyBundle bundle) throws IOException {
    Path entry = root.resolve(bundle.digest());
    if (Files.exists(entry)) {
      if (read(bundle.digest()).isPresent()) {
        return;
      }
      Files.move(entry, aside(entry));
    }
    Files.createDirectories(root);
    Path unfinished = Files.createTempDirectory(root, ".unfinished-");
    try {
      for (Map.Entry<String, byte[]> file : bundle.files().entrySet()) {
        write(unfinished.resolve(file.getKey()), file.getValue());
      }
      forceFolders(unfinished);
      Files.move(unfinished, entry, StandardCopyOption.ATOMIC_MOVE);
      force(root);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      // another process was faster, with the same content
    } finally {
      delete(unfinished);
    }
  }

  /** Where the policy of this digest is, as a policies directory; empty if it was never kept. */
  public Optional<Path> find(String digest) {
    if (!DIGEST.matcher(digest).matches()) {
      return Optional.empty();
    }
    Path entry = root.resolve(digest);
    return Files.isDirectory(entry) ? Optional.of(entry) : Optional.empty();
  }

  /** The policy of this digest; empty if it was never kept, or was damaged since. */
  public Optional<PolicyBundle> read(String digest) {
    return find(digest)
        .map(PolicyBundle::read)
        .filter(PolicyBundle.Good.class::isInstance)
        .map(good -> ((PolicyBundle.Good) good).bundle())
        .filter(bundle -> bundle.digest().equals(digest));
  }

  /** The digests of all that is kept. */
  public List<String> digests() throws IOException {
    if (!Files.isDirectory(root)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(root)) {
      return entries
          .map(entry -> String.valueOf(entry.getFileName()))
          .filter(name -> DIGEST.matcher(name).matches())
          .sorted()
          .toList();
    }
  }

  private static Path aside(Path entry) {
    for (int i = 1; ; i++) {
      Path aside = entry.resolveSibling(entry.getFileName() + ".damaged-" + i);
      if (!Files.exists(aside)) {
        return aside;
      }
    }
  }

  private static void write(Path file, byte[] bytes) throws IOException {
    Path folder = file.getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    try (FileChannel channel =
        FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer rest = ByteBuffer.wrap(bytes);
      while (rest.hasRemaining()) {
        channel.write(rest);
      }
      channel.force(true);
    }
  }

  private static void forceFolders(Path top) throws IOException {
    try (Stream<Path> all = Files.walk(top)) {
      for (Path folder : all.filter(Files::isDirectory).toList()) {
        force(folder);
      }
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

  private static void delete(Path top) throws IOException {
    if (Files.notExists(top)) {
      return;
    }
    try (Stream<Path> all = Files.walk(top)) {
      for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
