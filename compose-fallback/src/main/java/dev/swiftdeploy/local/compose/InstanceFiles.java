package dev.swiftdeploy.local.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.local.files.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What is remembered of instances beyond what the engine knows, a small file for each. */
final class InstanceFiles {
  private final Path folder;

  /**
   * One instance.
   *
   * @param restarts how often it was started again, but for those by the engine itself
   * @param proven the life in which it was healthy last
   */
  record Entry(int restarts, Optional<String> proven) {
    static final Entry NEW = new Entry(0, Optional.empty());
  }

  InstanceFiles(Path folder) {
    this.folder = folder;
  }

  Entry read(String service) {
    try {
      return Files.exists(file(service))
          ? Json.MAPPER.readValue(Files.readString(file(service)), Entry.class)
          : Entry.NEW;
    } catch (JsonProcessingException e) {
      return Entry.NEW;
    } catch (IOException e) {
      return Entry.NEW; // only counts and since when are less exact without it
    }
  }

  boolean has(String service) {
    return Files.exists(file(service));
  }

  void write(String service, Entry entry) throws IOException {
    DurableFile.write(file(service), Json.MAPPER.writeValueAsString(entry));
  }

  void delete(String service) {
    try {
      Files.deleteIfExists(file(service));
    } catch (IOException e) {
      return; // its counts go on from there, if it ever comes again
    }
  }

  private Path file(String service) {
    return folder.resolve(service + ".json");
  }
}
