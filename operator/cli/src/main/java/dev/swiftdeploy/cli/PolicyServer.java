package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.local.daemon.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * A foreign OPA that whoever runs SwiftDeploy accepted as judge, remembered in the workspace: a
 * manifest alone can name a server, and can't make it decide.
 *
 * @param url as the manifest names it
 * @param tokenFile absolute; holds the bearer token
 * @param caFile absolute; PEM certificates to believe in place of the JVM's
 */
record PolicyServer(
    String url,
    @JsonProperty("token_file") Optional<String> tokenFile,
    @JsonProperty("ca_file") Optional<String> caFile) {

  /** The one accepted last; none is a value. */
  static Optional<PolicyServer> accepted(Workspace workspace) {
    try {
      Path file = file(workspace);
      return Files.exists(file)
          ? Optional.of(Json.MAPPER.readValue(Files.readString(file), PolicyServer.class))
          : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // torn or unreadable: accepted anew
    }
  }

  /** Accepts it from now on, also in a daemon that runs already. */
  void accept(Workspace workspace) throws IOException {
    workspace.create();
    Path file = file(workspace);
    Path fresh = file.resolveSibling("policy-server.json.new");
    Files.writeString(fresh, Json.MAPPER.writeValueAsString(this));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  OpaConnection connection() {
    OpaConnection connection = OpaConnection.to(url);
    if (tokenFile.isPresent()) {
      connection = connection.withTokenFile(Path.of(tokenFile.get()));
    }
    return caFile.isPresent() ? connection.withCaFile(Path.of(caFile.get())) : connection;
  }

  private static Path file(Workspace workspace) {
    return workspace.state().resolve("policy-server.json");
  }
}
