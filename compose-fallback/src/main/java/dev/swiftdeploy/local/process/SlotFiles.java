package dev.swiftdeploy.local.process;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.local.files.DurableFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Optional;

/**
 * What is kept of one slot of a workload, in {@code workloads/<workload>/}: {@code <slot>.json},
 * the pid file {@code <slot>.pid} and its {@code .exit}, and {@code <slot>.proven}, which says when
 * the process was first found healthy.
 */
record SlotFiles(Workload workload, int slot, Path folder, Path logs) {

  static SlotFiles of(ProcessSite site, Workload workload, int slot) {
    return new SlotFiles(workload, slot, site.workloads().resolve(workload.name()), site.logs());
  }

  /**
   * The durable part.
   *
   * @param starts how often the slot was started
   * @param failures how many of the last runs ended before they had been healthy for long
   * @param started when it was started last
   * @param asked when it was asked to end, if the present or last run was
   */
  record Entry(int port, int starts, int failures, Instant started, Optional<Instant> asked) {
    Entry askedToEnd(Instant when) {
      return asked.isPresent()
          ? this
          : new Entry(port, starts, failures, started, Optional.of(when));
    }
  }

  Path pidFile() {
    return folder.resolve(slot + ".pid");
  }

  Path log() {
    return logs.resolve(workload + "-" + slot + ".log");
  }

  /** Empty where there is none, and where it can't be read: then the process tells all it can. */
  Optional<Entry> entry() {
    return entry(json());
  }

  static Optional<Entry> entry(Path json) {
    try {
      return Optional.ofNullable(Json.MAPPER.readValue(Files.readString(json), Entry.class))
          .filter(e -> e.started() != null && e.port() > 0 && e.starts() > 0);
    } catch (JsonProcessingException e) {
      return Optional.empty();
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  void write(Entry entry) throws IOException {
    DurableFile.write(json(), Json.MAPPER.writeValueAsString(entry) + "\n");
  }

  /** When this very process was first found healthy. */
  Optional<Instant> proven(DetachedProcess process) {
    return proven().filter(p -> p.identity().equals(process.identity())).map(Proven::when);
  }

  /** When the last process that was found healthy was so first. */
  Optional<Instant> provenSince(Instant started) {
    return proven().map(Proven::when).filter(when -> !when.isBefore(started));
  }

  void prove(DetachedProcess process, Instant when) throws IOException {
    if (!Files.isDirectory(folder)) {
      return; // removed meanwhile, and not to be made again
    }
    DurableFile.write(provenFile(), process.identity() + " " + when + "\n");
  }

  private record Proven(String identity, Instant when) {}

  private Optional<Proven> proven() {
    try {
      String[] words = Files.readString(provenFile()).trim().split(" ", -1);
      return words.length == 2
          ? Optional.of(new Proven(words[0], Instant.parse(words[1])))
          : Optional.empty();
    } catch (IOException | DateTimeException e) {
      return Optional.empty();
    }
  }

  void delete() throws IOException {
    Files.deleteIfExists(json());
    Files.deleteIfExists(provenFile());
    Files.deleteIfExists(folder.resolve(slot + ".pid.exit"));
    Files.deleteIfExists(pidFile());
  }

  private Path json() {
    return folder.resolve(slot + ".json");
  }

  private Path provenFile() {
    return folder.resolve(slot + ".proven");
  }
}
