package dev.swiftdeploy.local.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.spec.ResourceName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * How a command hands a request to the daemon: a file in a folder that only the owner can write.
 * The daemon removes it once the request is on record, so none is lost by a crash of either; one
 * that is recorded already (its id is known) is not recorded twice.
 */
public final class RequestSpool {
  private static final int MOST_BYTES = 64 * 1024;
  private static final String NUDGE = ".nudge";
  private static final String LOOK = ".look";
  private static final String SAMPLE = ".sample";
  private static final String ACKNOWLEDGE = ".acknowledge";
  private static final String PRUNE = ".prune";

  private final Path folder;

  public RequestSpool(Workspace workspace) {
    this.folder = workspace.requests();
  }

  /** A request, and the resource that it is about. */
  public record Spooled(ResourceName resource, Request request) {}

  /** Hands one over. */
  public void put(Spooled spooled) throws IOException {
    Files.createDirectories(folder);
    Documents.write(
        folder.resolve(spooled.request().id() + ".json"), Json.MAPPER.writeValueAsString(spooled));
  }

  /** What waits, oldest first; what can't be read is put aside. */
  public List<Spooled> waiting() {
    List<Path> files = files(".json");
    List<Spooled> out = new ArrayList<>();
    for (Path file : files) {
      Optional<Spooled> read = read(file);
      if (read.isPresent()) {
        out.add(read.get());
      } else {
        putAside(file);
      }
    }
    return out;
  }

  /** It is on record. */
  public void done(Request request) {
    try {
      Files.deleteIfExists(folder.resolve(request.id() + ".json"));
    } catch (IOException e) {
      // It is asked again and found to be on record.
      return;
    }
  }

  /**
   * Asks the daemon to look at everything anew, policy included. The file is gone once it has, and
   * its status is of a time after this call.
   */
  public Path nudge() throws IOException {
    Files.createDirectories(folder);
    return Files.createTempFile(folder, "look", NUDGE);
  }

  /**
   * Asks the daemon for a status of a time after this call. Policy is not asked out of turn, so
   * that looking often changes nothing. The file is gone once the status is there.
   *
   * @param keep what is seen is to be kept as a sample, if it says something new
   */
  public Path look(boolean keep) throws IOException {
    Files.createDirectories(folder);
    return Files.createTempFile(folder, "look", keep ? SAMPLE : LOOK);
  }

  /**
   * Hands over that a person takes note of the chain's damage. The file is gone once that is on
   * record.
   */
  public Path acknowledge(Acknowledgement acknowledgement) throws IOException {
    return hand("damage", ACKNOWLEDGE, acknowledgement);
  }

  /** Who takes note of the chain's damage, and why it is well so. */
  public record Acknowledgement(Actor actor, String reason) {}

  /**
   * Hands over that a person has the chain's oldest segments removed. The file is gone once they
   * are.
   */
  public Path prune(Pruning pruning) throws IOException {
    return hand("history", PRUNE, pruning);
  }

  /** Who has what removed that is older than that. */
  public record Pruning(Actor actor, Instant before) {}

  private Path hand(String name, String ending, Object said) throws IOException {
    Files.createDirectories(folder);
    Path file = Files.createTempFile(folder, name, ending);
    Documents.write(file, Json.MAPPER.writeValueAsString(said));
    return file;
  }

  /** What waits to be acknowledged; without its file once {@link #done} is told. */
  List<Path> acknowledgements() {
    return files(ACKNOWLEDGE);
  }

  /** What waits to be removed, likewise. */
  List<Path> prunings() {
    return files(PRUNE);
  }

  /** What such a file says; empty while it is being written. */
  static <T> Optional<T> said(Path file, Class<T> what) {
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readString(file), what));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  List<Path> nudges() {
    return files(NUDGE);
  }

  List<Path> looks() {
    return files(LOOK);
  }

  List<Path> samples() {
    return files(SAMPLE);
  }

  void done(List<Path> nudges) {
    for (Path nudge : nudges) {
      try {
        Files.deleteIfExists(nudge);
      } catch (IOException e) {
        return; // done once more
      }
    }
  }

  private List<Path> files(String ending) {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(f -> f.toString().endsWith(ending))
          .sorted((a, b) -> Long.compare(modified(a), modified(b)))
          .toList();
    } catch (IOException e) {
      return List.of();
    }
  }

  private static long modified(Path file) {
    try {
      return Files.getLastModifiedTime(file).toMillis();
    } catch (IOException e) {
      return Long.MAX_VALUE;
    }
  }

  private static Optional<Spooled> read(Path file) {
    try {
      if (Files.size(file) > MOST_BYTES) {
        return Optional.empty();
      }
      Spooled spooled = Json.MAPPER.readValue(Files.readString(file), Spooled.class);
      boolean named = file.getFileName().toString().equals(spooled.request().id() + ".json");
      return named ? Optional.of(spooled) : Optional.empty();
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  private static void putAside(Path file) {
    try {
      Files.move(file, file.resolveSibling(file.getFileName() + ".unreadable"));
    } catch (IOException e) {
      return; // looked at again
    }
  }
}
