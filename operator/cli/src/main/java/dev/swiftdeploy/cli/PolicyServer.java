package dev.swiftdeploy.cli;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.swiftdeploy.adapters.policy.OpaConnection;
import dev.swiftdeploy.core.audit.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * A foreign OPA that whoever runs SwiftDeploy accepted as judge. That is remembered for the
 * account, in {@code swiftdeploy/policy-servers.json} below {@code XDG_CONFIG_HOME} or {@code
 * ~/.config}: nothing that comes with a manifest, from a repository, can accept a server.
 *
 * @param url as manifests name it
 * @param tokenFile absolute; holds the bearer token
 * @param caFile absolute; PEM certificates to believe in place of the JVM's
 */
record PolicyServer(
    String url,
    @JsonProperty("token_file") Optional<String> tokenFile,
    @JsonProperty("ca_file") Optional<String> caFile) {

  /** The account's own. */
  static Path file(Map<String, String> environment) {
    String xdg = environment.getOrDefault("XDG_CONFIG_HOME", "");
    Path config =
        xdg.isEmpty() ? Path.of(System.getProperty("user.home", "."), ".config") : Path.of(xdg);
    return config.resolve("swiftdeploy").resolve("policy-servers.json");
  }

  /** The server of this URL, if it was accepted. */
  static Optional<PolicyServer> accepted(Path file, String url) {
    try {
      return Optional.ofNullable(all(file).get(url)).filter(server -> server.url().equals(url));
    } catch (IOException e) {
      return Optional.empty(); // torn or unreadable: accepted anew
    }
  }

  /** Accepts it from now on, also in a daemon that runs already. */
  void accept(Path file) throws IOException {
    Path folder = file.toAbsolutePath().getParent();
    if (folder != null) {
      Files.createDirectories(folder);
    }
    Map<String, PolicyServer> all;
    try {
      all = all(file);
    } catch (IOException e) {
      all = new TreeMap<>();
    }
    all.put(url, this);
    Path fresh = Files.createTempFile(folder, "policy-servers", ".new");
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rw-------"));
    Files.writeString(fresh, Json.MAPPER.writeValueAsString(all));
    Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static Map<String, PolicyServer> all(Path file) throws IOException {
    if (!Files.exists(file)) {
      return new TreeMap<>();
    }
    Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(file);
    if (permissions.contains(PosixFilePermission.GROUP_WRITE)
        || permissions.contains(PosixFilePermission.OTHERS_WRITE)) {
      throw new IOException("others can write " + file);
    }
    return Json.MAPPER.readValue(
        Files.readString(file), new TypeReference<TreeMap<String, PolicyServer>>() {});
  }

  OpaConnection connection() {
    OpaConnection connection = OpaConnection.to(url);
    if (tokenFile.isPresent()) {
      connection = connection.withTokenFile(Path.of(tokenFile.get()));
    }
    return caFile.isPresent() ? connection.withCaFile(Path.of(caFile.get())) : connection;
  }
}
