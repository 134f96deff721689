package dev.swiftdeploy.kubernetes.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.swiftdeploy.core.spec.ImageReference;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Asks a registry for the digest behind a tag, by the OCI distribution specification: {@code HEAD
 * /v2/<name>/manifests/<tag>}, with an anonymous token where one is asked for.
 */
public final class Registry {
  private static final Duration PATIENCE = Duration.ofSeconds(3);
  private static final int MOST_TOKEN_BYTES = 65_536;
  private static final String MANIFESTS =
      "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json,"
          + " application/vnd.docker.distribution.manifest.list.v2+json,"
          + " application/vnd.docker.distribution.manifest.v2+json";
  private static final Pattern DIGEST = Pattern.compile("sha256:[0-9a-f]{64}");
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final ObjectMapper JSON = new ObjectMapper();

  private final OkHttpClient http =
      new OkHttpClient.Builder().callTimeout(PATIENCE).retryOnConnectionFailure(true).build();

  /**
   * What a registry says of a tag.
   *
   * @param digest {@code sha256:…}
   * @param problem why there is none, in a few words; else empty
   */
  public record Answer(Optional<String> digest, String problem) {
    static Answer none(String problem) {
      return new Answer(Optional.empty(), problem);
    }
  }

  /** Where a manifest is asked for. */
  record Place(String scheme, String host, String name, String tag) {
    /**
     * As container engines read it: without a registry's name it is Docker Hub's, without a tag
     * {@code latest}; a registry on this machine is asked without TLS.
     */
    static Place of(ImageReference image) {
      String text = image.value();
      String tag = image.tag().orElse("latest");
      String name =
          image.tag().isPresent() ? text.substring(0, text.length() - tag.length() - 1) : text;
      int slash = name.indexOf('/');
      String first = slash < 0 ? "" : name.substring(0, slash);
      if (!first.contains(".") && !first.contains(":") && !first.equals("localhost")) {
        return new Place(
            "https", "registry-1.docker.io", slash < 0 ? "library/" + name : name, tag);
      }
      String host = first.equals("docker.io") ? "registry-1.docker.io" : first;
      boolean here = first.matches("(localhost|127\\.[0-9.]+)(:[0-9]+)?");
      return new Place(here ? "http" : "https", host, name.substring(slash + 1), tag);
    }

    String url() {
      return scheme + "://" + host + "/v2/" + name + "/manifests/" + tag;
    }
  }

  /** The digest that an image's tag stands for now. */
  public Answer digest(ImageReference image) {
    Place place = Place.of(image);
    try {
      Optional<String> token = Optional.empty();
      try (Response first = head(place, token)) {
        if (first.code() != 401) {
          return answer(first, place);
        }
        token = token(first);
      }
      try (Response second = head(place, token)) {
        return answer(second, place);
      }
    } catch (IOException e) {
      return Answer.none(place.host() + " does not answer (" + e.getMessage() + ")");
    }
  }

  private Response head(Place place, Optional<String> token) throws IOException {
    Request.Builder request =
        new Request.Builder().url(place.url()).head().header("Accept", MANIFESTS);
    token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
    return http.newCall(request.build()).execute();
  }

  private static Answer answer(Response response, Place place) {
    String digest = response.header("Docker-Content-Digest", "");
    if (response.isSuccessful() && digest != null && DIGEST.matcher(digest).matches()) {
      return new Answer(Optional.of(digest), "");
    }
    return Answer.none(
        switch (response.code()) {
          case 404 -> place.host() + " has no such image";
          case 401, 403 -> place.host() + " shows it to no stranger";
          case 200 -> place.host() + " gives no digest for it";
          default -> place.host() + " answers " + response.code();
        });
  }

  /** An anonymous token, where the challenge says who gives one. */
  private Optional<String> token(Response challenge) throws IOException {
    String header = challenge.header("WWW-Authenticate", "");
    if (header == null || !header.startsWith("Bearer ")) {
      return Optional.empty();
    }
    okhttp3.HttpUrl.Builder url = null;
    Matcher parameter = PARAMETER.matcher(header);
    while (parameter.find()) {
      if (parameter.group(1).equals("realm")) {
        okhttp3.HttpUrl realm = okhttp3.HttpUrl.parse(parameter.group(2));
        url = realm == null ? null : realm.newBuilder();
      } else if (url != null) {
        url.addQueryParameter(parameter.group(1), parameter.group(2));
      }
    }
    if (url == null) {
      return Optional.empty();
    }
    try (Response response =
        http.newCall(new Request.Builder().url(url.build()).build()).execute()) {
      JsonNode body = JSON.readTree(response.peekBody(MOST_TOKEN_BYTES).string());
      return Optional.ofNullable(body.path("token").asText(body.path("access_token").asText(null)));
    }
  }
}
