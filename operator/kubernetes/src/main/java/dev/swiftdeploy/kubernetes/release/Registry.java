package dev.swiftdeploy.kubernetes.release;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.swiftdeploy.adapters.tls.Authorities;
import dev.swiftdeploy.core.spec.ImageReference;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;

/**
 * Asks a registry for the digest behind a tag, by the OCI distribution specification: {@code HEAD
 * /v2/<name>/manifests/<tag>}. Where the registry wants to know who asks, with the credentials that
 * there are for it, or with an anonymous token; a password travels over https, or to this machine.
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

  /** A registry on this machine is asked without TLS. */
  private static final Pattern HERE = Pattern.compile("localhost|127\\.[0-9.]+");

  private static final ObjectMapper JSON = new ObjectMapper();

  private final OkHttpClient http;
  private final Optional<RegistryCredentials> credentials;

  /** Asks as a stranger, and believes the certificates that the JVM believes. */
  public Registry() {
    this(client(PATIENCE), Optional.empty());
  }

  /**
   * Asks with credentials.
   *
   * @param credentials of the registries that want some
   * @param caFile PEM certificates of authorities to believe beside the usual ones
   * @throws IOException if the certificates can't be read
   */
  public Registry(Optional<RegistryCredentials> credentials, Optional<Path> caFile)
      throws IOException {
    this(believing(client(PATIENCE), caFile), credentials);
  }

  /** Waits so long for a whole answer. */
  Registry(Optional<RegistryCredentials> credentials, Duration patience) {
    this(client(patience), credentials);
  }

  private Registry(OkHttpClient.Builder client, Optional<RegistryCredentials> credentials) {
    this.http = client.build();
    this.credentials = credentials;
  }

  private static OkHttpClient.Builder client(Duration patience) {
    return new OkHttpClient.Builder().callTimeout(patience).retryOnConnectionFailure(true);
  }

  private static OkHttpClient.Builder believing(OkHttpClient.Builder client, Optional<Path> caFile)
      throws IOException {
    if (caFile.isPresent()) {
      Authorities authorities = Authorities.also(caFile.get());
      client.sslSocketFactory(authorities.sockets(), authorities.trust());
    }
    return client;
  }

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
      boolean here = HERE.matcher(first.replaceFirst(":[0-9]+$", "")).matches();
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
      Optional<String> authorization;
      try (Response first = head(place, Optional.empty())) {
        if (first.code() != 401) {
          return answer(first, place);
        }
        authorization = authorization(first, place);
      }
      try (Response second = head(place, authorization)) {
        return answer(second, place);
      }
    } catch (IOException e) {
      return Answer.none(place.host() + " does not answer (" + e.getMessage() + ")");
    } catch (RegistryCredentials.Unusable e) {
      return Answer.none(String.valueOf(e.getMessage()));
    }
  }

  private Response head(Place place, Optional<String> authorization) throws IOException {
    Request.Builder request =
        new Request.Builder().url(place.url()).head().header("Accept", MANIFESTS);
    authorization.ifPresent(value -> request.header("Authorization", value));
    return http.newCall(request.build()).execute();
  }

  private Answer answer(Response response, Place place) {
    String digest = response.header("Docker-Content-Digest", "");
    if (response.isSuccessful() && digest != null && DIGEST.matcher(digest).matches()) {
      return new Answer(Optional.of(digest), "");
    }
    return Answer.none(
        switch (response.code()) {
          case 404 -> place.host() + " has no such image";
          case 401, 403 ->
              place.host()
                  + (credentials.flatMap(c -> c.basic(place.host(), place.name())).isPresent()
                      ? " does not show it to the account of --registry-credentials"
                      : " shows it to no stranger: name credentials, --registry-credentials");
          case 200 -> place.host() + " gives no digest for it";
          default -> place.host() + " answers " + response.code();
        });
  }

  /** What the challenge asks for: name and password, or a token that somebody gives for them. */
  private Optional<String> authorization(Response challenge, Place place) throws IOException {
    String header = challenge.header("WWW-Authenticate", "");
    Optional<String> basic = credentials.flatMap(c -> c.basic(place.host(), place.name()));
    if (header == null || header.regionMatches(true, 0, "Basic", 0, 5)) {
      return basic.filter(b -> secret(challenge.request().url()));
    }
    return header.startsWith("Bearer ")
        ? token(header, basic).map(token -> "Bearer " + token)
        : Optional.empty();
  }

  /** Whether nobody on the way can read what is sent there. */
  private static boolean secret(okhttp3.HttpUrl url) {
    return url.isHttps() || HERE.matcher(url.host()).matches();
  }

  private Optional<String> token(String header, Optional<String> basic) throws IOException {
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
    okhttp3.HttpUrl asked = url.build();
    Request.Builder request = new Request.Builder().url(asked);
    basic.filter(b -> secret(asked)).ifPresent(value -> request.header("Authorization", value));
    try (Response response = http.newCall(request.build()).execute()) {
      JsonNode body = JSON.readTree(response.peekBody(MOST_TOKEN_BYTES).string());
      return Optional.ofNullable(body.path("token").asText(body.path("access_token").asText(null)));
    }
  }
}
