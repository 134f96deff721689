package dev.swiftdeploy.kubernetes.release;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Names and passwords for registries, in the form that Docker and pull secrets have ({@code
 * .dockerconfigjson}): {@code {"auths": {"registry.example.com": {"auth": "<base64 of
 * name:password>"}}}}, or with {@code username} and {@code password}. An entry's key is a host, or
 * a host and the beginning of a repository's path; of several that fit the longest counts, as the
 * kubelet does it. The file is read for each question, so that it may be changed.
 *
 * @param file that holds them
 */
public record RegistryCredentials(Path file) {
  private static final ObjectMapper JSON = new ObjectMapper();

  private static final Pattern BASE64 = Pattern.compile("[A-Za-z0-9+/]+={0,2}");

  /** What Docker calls its Hub, and the host that answers for it. */
  private static final String HUB = "index.docker.io";

  private static final String HUB_HOST = "registry-1.docker.io";

  /** The file can't be used; the message says why, and what to do. */
  static final class Unusable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unusable(Path file, String why) {
      super(
          "the credentials in " + file + " can't be used (" + why + "): mount a .dockerconfigjson",
          null,
          false,
          false);
    }
  }

  /**
   * The value of an {@code Authorization} header with name and password; empty: there is none for
   * it.
   *
   * @param repository its path at the registry: {@code team/app}
   */
  Optional<String> basic(String host, String repository) {
    String asked = host + "/" + repository;
    JsonNode best = null;
    int longest = -1;
    for (Map.Entry<String, JsonNode> entry : read().path("auths").properties()) {
      String place = place(entry.getKey());
      if (place.length() > longest && (asked + "/").startsWith(place + "/")) {
        longest = place.length();
        best = entry.getValue();
      }
    }
    return best == null ? Optional.empty() : basic(best);
  }

  private JsonNode read() {
    try {
      return JSON.readTree(Files.readAllBytes(file));
    } catch (JsonProcessingException e) {
      throw new Unusable(file, "it is not JSON"); // its text may hold a password
    } catch (IOException e) {
      throw new Unusable(file, "it can't be read: " + e.getMessage());
    }
  }

  /** Without a scheme, and without the version of the protocol behind it. */
  private static String place(String key) {
    String place =
        key.replaceFirst("^https?://", "").replaceFirst("/v[12]/?$", "").replaceFirst("/$", "");
    return place.equals(HUB) || place.equals("docker.io") ? HUB_HOST : place;
  }

  private Optional<String> basic(JsonNode entry) {
    String auth = entry.path("auth").asText("");
    if (!auth.isEmpty()) {
      if (!BASE64.matcher(auth).matches()) {
        throw new Unusable(file, "an auth in it is not base64");
      }
      return Optional.of("Basic " + auth);
    }
    String name = entry.path("username").asText("");
    return name.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "Basic "
                + Base64.getEncoder()
                    .encodeToString(
                        (name + ":" + entry.path("password").asText(""))
                            .getBytes(StandardCharsets.UTF_8)));
  }
}
