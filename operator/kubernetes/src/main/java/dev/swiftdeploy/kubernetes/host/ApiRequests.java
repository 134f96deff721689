package dev.swiftdeploy.kubernetes.host;

import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.loop.CrashPoint;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.kubernetes.policy.LastPolicy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import okhttp3.HttpUrl;
import okhttp3.Interceptor;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import okio.Buffer;

/**
 * Stands at the wire to the API server: counts every request, lets none through that changes
 * something unless the {@link Fence} says that this process leads, and passes the crash points of
 * this platform, so that there is one for each write. The refusal is an answer (403), so that
 * nobody tries it again as one tries a broken connection.
 */
public final class ApiRequests implements Interceptor {
  private static final int FORBIDDEN = 403;
  private static final String REFUSAL =
      "{\"kind\":\"Status\",\"apiVersion\":\"v1\",\"status\":\"Failure\",\"reason\":\"Forbidden\","
          + "\"code\":403,\"message\":\"this operator may no longer be the leader: it writes"
          + " nothing\"}";

  private final Fence fence;
  private final OperatorMetrics metrics;
  private final CrashPoints crashPoints;
  private final AtomicLong answered = new AtomicLong(System.nanoTime());

  public ApiRequests(Fence fence, OperatorMetrics metrics, CrashPoints crashPoints) {
    this.fence = fence;
    this.metrics = metrics;
    this.crashPoints = crashPoints;
  }

  /**
   * What a request is, as the API server's own metrics name it.
   *
   * @param verb {@code get, list, watch, post, put, patch, delete}; of a whole collection {@code
   *     deletecollection}
   * @param resource plural, with its subresource: {@code deployments}, {@code swiftdeploys/status}
   * @param policy whether it is about the {@link LastPolicy}
   */
  record Kind(String verb, String resource, boolean policy) {
    private static final String LEASES = "leases";

    private static final Map<CrashPoint, CrashPoint> UNWRITTEN =
        Map.of(
            CrashPoint.KUBERNETES_AFTER_RECORD, CrashPoint.KUBERNETES_BEFORE_RECORD,
            CrashPoint.KUBERNETES_AFTER_APPLY, CrashPoint.KUBERNETES_BEFORE_APPLY);

    /** What is passed when such a write was answered, unless it is of one object among many. */
    private static final Map<String, CrashPoint> WRITTEN =
        Map.of(
            "transitions",
            CrashPoint.KUBERNETES_AFTER_RECORD,
            "controllerrevisions",
            CrashPoint.KUBERNETES_AFTER_RELEASE,
            "swiftdeploys",
            CrashPoint.KUBERNETES_AFTER_CLAIM,
            "swiftdeploys/status",
            CrashPoint.KUBERNETES_AFTER_STATUS,
            "events",
            CrashPoint.KUBERNETES_AFTER_EVENT,
            LEASES,
            CrashPoint.KUBERNETES_AFTER_LEASE);

    static Kind of(String method, HttpUrl url) {
      List<String> path = url.pathSegments();
      int at = path.get(0).equals("api") ? 2 : 3;
      if (path.size() > at + 2 && path.get(at).equals("namespaces")) {
        at += 2;
      }
      if (path.size() <= at) {
        return new Kind(method.toLowerCase(Locale.ROOT), "/" + String.join("/", path), false);
      }
      boolean one = path.size() > at + 1 && !path.get(at + 1).isEmpty();
      String resource = path.get(at) + (path.size() > at + 2 ? "/" + path.get(at + 2) : "");
      boolean policy = one && resource.equals("configmaps") && LastPolicy.isName(path.get(at + 1));
      return new Kind(verb(method, url, one), resource, policy);
    }

    private static String verb(String method, HttpUrl url, boolean one) {
      if (method.equals("GET")) {
        return "true".equals(url.queryParameter("watch")) ? "watch" : one ? "get" : "list";
      }
      return method.equals("DELETE") && !one ? "deletecollection" : method.toLowerCase(Locale.ROOT);
    }

    /** What asks about this process itself changes nothing of anybody's. */
    boolean writes() {
      return !List.of("get", "list", "watch", "head").contains(verb)
          && !resource.startsWith("selfsubject");
    }

    boolean ofLease() {
      return resource.equals(LEASES);
    }

    /** What is passed when such a write is about to be sent. */
    Optional<CrashPoint> unwritten() {
      return Optional.ofNullable(UNWRITTEN.get(written()));
    }

    /** What is passed when it was answered. */
    CrashPoint written() {
      if (policy) {
        return CrashPoint.KUBERNETES_AFTER_POLICY;
      }
      CrashPoint one =
          verb.startsWith("delete")
              ? CrashPoint.KUBERNETES_AFTER_DELETE
              : CrashPoint.KUBERNETES_AFTER_APPLY;
      return WRITTEN.getOrDefault(resource, one);
    }
  }

  @Override
  public Response intercept(Chain chain) throws IOException {
    Request request = chain.request();
    Kind kind = Kind.of(request.method(), request.url());
    if (kind.writes() && !(kind.ofLease() ? fence.open() : fence.leads())) {
      metrics.apiRequest(kind.verb(), kind.resource(), "refused");
      return refused(request);
    }
    if (kind.writes()) {
      kind.unwritten().ifPresent(crashPoints::at);
    } else if (kind.ofLease()) {
      fence.asks();
    }
    try {
      Response response = chain.proceed(request);
      metrics.apiRequest(kind.verb(), kind.resource(), String.valueOf(response.code()));
      answered.set(System.nanoTime());
      if (kind.writes() && response.isSuccessful()) {
        written(kind, request);
      }
      return response;
    } catch (IOException e) {
      metrics.apiRequest(kind.verb(), kind.resource(), "none");
      throw e;
    }
  }

  private void written(Kind kind, Request request) throws IOException {
    if (kind.ofLease()) {
      fence.holds(age(request));
    }
    crashPoints.at(kind.written());
  }

  /** How long ago the time is that a lease is written with; at least nothing. */
  private static Duration age(Request lease) throws IOException {
    Buffer body = new Buffer();
    if (lease.body() != null) {
      lease.body().writeTo(body);
    }
    String renewed = Json.MAPPER.readTree(body.inputStream()).at("/spec/renewTime").asText("");
    try {
      Duration age = Duration.between(Instant.parse(renewed), Instant.now());
      return age.isNegative() ? Duration.ZERO : age;
    } catch (DateTimeParseException e) {
      return Duration.ZERO; // it counts from when it was asked for
    }
  }

  private static Response refused(Request request) {
    return new Response.Builder()
        .request(request)
        .protocol(Protocol.HTTP_1_1)
        .code(FORBIDDEN)
        .message("Forbidden")
        .body(ResponseBody.create(REFUSAL, MediaType.get("application/json")))
        .build();
  }

  /** How many seconds ago the API server answered last. */
  long secondsSinceAnswer() {
    return (System.nanoTime() - answered.get()) / 1_000_000_000L;
  }
}
