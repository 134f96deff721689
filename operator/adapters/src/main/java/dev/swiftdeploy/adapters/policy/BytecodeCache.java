package dev.swiftdeploy.adapters.policy;

import dev.swiftdeploy.core.release.Digests;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.Optional;
import java.util.Set;

/**
 * Policies compiled to Java classes, kept between runs: compiling one takes seconds on a small
 * machine, loading it from here a tenth of one.
 *
 * <p>What is here runs inside SwiftDeploy and decides, so the folder must be this account's own and
 * writable by no other; else it is not used. It belongs into the account's cache, never below a
 * manifest: a folder that somebody cloned could bring classes along. {@code replay} compiles
 * afresh, so it finds a cache that decides otherwise than its policy.
 */
final class BytecodeCache {
  private static final int LARGEST = 64 << 20;
  private static final Set<PosixFilePermission> OF_OTHERS =
      EnumSet.of(PosixFilePermission.GROUP_WRITE, PosixFilePermission.OTHERS_WRITE);

  private final Path folder;

  BytecodeCache(Path folder) {
    this.folder = folder;
  }

  /** What was kept for a compiled policy, if it can be trusted. */
  Optional<byte[]> get(String wasmSha256) {
    try {
      Path file = folder.resolve(name(wasmSha256));
      if (!Files.exists(file) || !own(folder) || !own(file) || Files.size(file) > LARGEST) {
        return Optional.empty();
      }
      return Optional.of(Files.readAllBytes(file));
    } catch (IOException | UnsupportedOperationException e) {
      return Optional.empty();
    }
  }

  /** Keeps; where that can't be done, the next run compiles again. */
  void put(String wasmSha256, byte[] classes) {
    try {
      Files.createDirectories(
          folder,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
      if (!own(folder)) {
        return;
      }
      Path unfinished = Files.createTempFile(folder, ".unfinished-", null);
      try {
        Files.write(unfinished, classes);
        Files.move(unfinished, folder.resolve(name(wasmSha256)), StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(unfinished);
      }
    } catch (IOException | UnsupportedOperationException e) {
      // a cache only
    }
  }

  private static boolean own(Path path) throws IOException {
    PosixFileAttributes attributes =
        Files.readAttributes(path, PosixFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
    Object user =
        path.getFileSystem()
            .getUserPrincipalLookupService()
            .lookupPrincipalByName(System.getProperty("user.name", ""));
    return attributes.owner().equals(user)
        && !attributes.isSymbolicLink()
        && attributes.permissions().stream().noneMatch(OF_OTHERS::contains);
  }

  private static String name(String wasmSha256) throws IOException {
    return wasmSha256 + "-" + compiler() + ".jar";
  }

  /** Classes fit the very compiler that made them: its own classes name it. */
  private static String compiler() throws IOException {
    MessageDigest digest = Digests.newSha256();
    for (String part : new String[] {"Compiler", "Emitters", "Shaded", "CompilerUtil"}) {
      try (InputStream in =
          com.dylibso.chicory.compiler.MachineFactoryCompiler.class.getResourceAsStream(
              "internal/" + part + ".class")) {
        if (in == null) {
          throw new IOException("no such class: " + part);
        }
        digest.update(in.readAllBytes());
      }
    }
    return HexFormat.of().formatHex(digest.digest(), 0, 8);
  }
}
