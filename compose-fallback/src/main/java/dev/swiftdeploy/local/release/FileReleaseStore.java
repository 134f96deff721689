package dev.swiftdeploy.local.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectReader;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.release.Artifact;
import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.ReleaseId;
import dev.swiftdeploy.core.release.ReleaseStore;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.local.files.DurableFile;
import dev.swiftdeploy.local.files.Folders;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Releases as files, {@code <folder>/<id>.json}, one for each; readable by their owner only, as
 * they hold env values. A file whose content does not give its name's id is as good as none: it was
 * changed, and what was admitted is what runs.
 */
public final class FileReleaseStore implements ReleaseStore {
  private static final ObjectReader READER =
      Json.MAPPER
          .readerFor(Release.class)
          .with(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

  private final Path folder;

  /**
   * @param folder made at the first put
   */
  public FileReleaseStore(Path folder) {
    this.folder = folder;
  }

  /**
   * @throws PlatformException if it can't be kept
   */
  @Override
  public void put(Release release) {
    try {
      if (get(release.id()).isPresent()) {
        Files.setLastModifiedTime(
            file(release.id()), FileTime.fromMillis(System.currentTimeMillis()));
        return;
      }
      DurableFile.write(file(release.id()), Json.MAPPER.writeValueAsString(release) + "\n");
    } catch (IOException e) {
      throw new PlatformException(
          "release " + release.id() + " can't be kept in " + folder + ": " + e.getMessage(),
          "make room there, and make it writable for this user",
          e);
    }
  }

  @Override
  public Optional<Release> get(ReleaseId id) {
    try {
      Release release = READER.readValue(Files.readString(file(id)));
      return Optional.ofNullable(release).filter(r -> r.id().equals(id));
    } catch (NoSuchFileException | JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      throw new PlatformException(
          "release " + id + " can't be read: " + e.getMessage(),
          "make " + file(id) + " readable for this user",
          e);
    }
  }

  /** The SHA-256 of all artifacts of the releases that were kept last. */
  public Set<String> artifacts(int releases) throws IOException {
    Map<Path, FileTime> kept = new HashMap<>();
    for (Path file : Folders.list(folder)) {
      kept.put(file, Files.getLastModifiedTime(file));
    }
    return kept.entrySet().stream()
        .sorted(Map.Entry.<Path, FileTime>comparingByValue().reversed())
        .limit(releases)
        .flatMap(e -> id(e.getKey()).stream())
        .flatMap(id -> get(id).stream())
        .flatMap(release -> release.artifacts().stream())
        .map(Artifact::sha256)
        .collect(Collectors.toSet());
  }

  private static Optional<ReleaseId> id(Path file) {
    try {
      return Optional.of(ReleaseId.of(file.getFileName().toString().replaceFirst("\\.json$", "")));
    } catch (InvalidValue e) {
      return Optional.empty();
    }
  }

  private Path file(ReleaseId id) {
    return folder.resolve(id + ".json");
  }
}
