package dev.swiftdeploy.local.daemon;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.status.Status;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The status that the daemon keeps for commands to read; written only when it changed. */
public final class StatusFile {
  private final Workspace workspace;
  private String written = "";

  public StatusFile(Workspace workspace) {
    this.workspace = workspace;
  }

  /**
   * What a daemon says of its manifest.
   *
   * @param pid of the daemon that wrote it
   * @param manifestProblems why the manifest's last change is not taken; empty if it is
   */
  public record Document(long pid, List<String> manifestProblems, List<Status> resources) {
    public Document {
      manifestProblems = List.copyOf(manifestProblems);
      resources = List.copyOf(resources);
    }

    /** How one of them stands. */
    public Optional<Status> find(ResourceName resource) {
      return resources.stream().filter(s -> s.resource().equals(resource.value())).findFirst();
    }
  }

  void write(Document document) throws IOException {
    String json = Json.MAPPER.writeValueAsString(document);
    if (!json.equals(written)) {
      Documents.write(workspace.status(), json);
      written = json;
    }
  }

  /** The last one written, by whatever daemon. */
  public Optional<Document> read() {
    return Documents.read(workspace.status())
        .flatMap(
            json -> {
              try {
                return Optional.of(Json.MAPPER.readValue(json, Document.class));
              } catch (JsonProcessingException e) {
                return Optional.empty();
              }
            });
  }
}
