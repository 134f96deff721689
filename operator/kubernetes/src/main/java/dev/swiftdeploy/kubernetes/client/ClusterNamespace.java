package dev.swiftdeploy.kubernetes.client;

import dev.swiftdeploy.core.audit.Damages;
import dev.swiftdeploy.core.plan.Request;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.TransitionResource;
import dev.swiftdeploy.kubernetes.audit.TransitionChain;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import dev.swiftdeploy.kubernetes.operator.RequestAnnotation;
import dev.swiftdeploy.kubernetes.policy.KubernetesPolicyArchive;
import io.fabric8.kubernetes.api.model.KubernetesResourceList;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.NamedContext;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReview;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewBuilder;
import io.fabric8.kubernetes.api.model.authentication.SelfSubjectReviewStatus;
import io.fabric8.kubernetes.api.model.authentication.UserInfo;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.net.HttpURLConnection;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One namespace of a cluster. What it can't be asked is a {@link PlatformException} that names the
 * verb, the resource and the next step.
 */
public final class ClusterNamespace implements AutoCloseable {
  static final String SWIFTDEPLOYS = "swiftdeploys.swiftdeploy.dev";
  static final String TRANSITIONS = "transitions.swiftdeploy.dev";

  private static final int ATTEMPTS = 5;
  private static final long PAGE = 500;

  private final ApiServer server;
  private final String context;

  private ClusterNamespace(ApiServer server, String context) {
    this.server = server;
    this.context = context;
  }

  /**
   * Opens a client; nothing is asked yet.
   *
   * @param context of the kubeconfig; empty: its present one, in a pod the pod's own
   * @param namespace empty: the context's, else {@code default}
   * @throws IllegalArgumentException if there is no such context, or no kubeconfig
   */
  public static ClusterNamespace open(Optional<String> context, Optional<String> namespace) {
    Config config = ApiClients.config(context);
    String own = config.getNamespace() == null ? "default" : config.getNamespace();
    NamedContext named = config.getCurrentContext();
    return new ClusterNamespace(
        new ApiServer(ApiClients.open(config), namespace.orElse(own)),
        named == null || named.getName() == null ? "the pod's own" : named.getName());
  }

  /** {@code context staging, namespace shop}. */
  public String label() {
    return "context " + context + ", namespace " + server.namespace();
  }

  /** Its name. */
  public String name() {
    return server.namespace();
  }

  ApiServer server() {
    return server;
  }

  /** The resources, by name. */
  public List<SwiftDeployResource> resources() {
    return server
        .asking(
            "list",
            SWIFTDEPLOYS,
            () ->
                server
                    .client()
                    .resources(SwiftDeployResource.class)
                    .inNamespace(server.namespace())
                    .list()
                    .getItems())
        .stream()
        .sorted(Comparator.comparing((SwiftDeployResource r) -> r.getMetadata().getName()))
        .toList();
  }

  /** One of them; empty if there is none of that name. */
  public Optional<SwiftDeployResource> resource(String name) {
    return server.asking(
        "get",
        SWIFTDEPLOYS,
        () ->
            Optional.ofNullable(
                server
                    .client()
                    .resources(SwiftDeployResource.class)
                    .inNamespace(server.namespace())
                    .withName(name)
                    .get()));
  }

  /** False where the namespace isn't there; true also where that may not be asked. */
  public boolean there() {
    try {
      return server.client().namespaces().withName(server.namespace()).get() != null;
    } catch (KubernetesClientException e) {
      if (e.getCode() == HttpURLConnection.HTTP_FORBIDDEN) {
        return true;
      }
      return server.asking(
          "get",
          "namespaces",
          () -> {
            throw e;
          });
    }
  }

  /**
   * Every chain of the namespace, those of resources that are gone too, each held against the head
   * that its resource's status tells of.
   *
   * @param heads that have to be in each
   */
  public List<TransitionChain> chains(List<Damages.Known> heads) {
    return chains(resources(), transitions(), heads);
  }

  /** Pure. */
  static List<TransitionChain> chains(
      List<SwiftDeployResource> resources,
      List<TransitionResource> transitions,
      List<Damages.Known> heads) {
    Map<String, List<TransitionResource>> parts = TransitionChain.byUid(transitions);
    List<TransitionChain> chains = new ArrayList<>();
    for (SwiftDeployResource resource : resources) {
      List<TransitionResource> own = parts.remove(resource.getMetadata().getUid());
      if (own != null || TransitionChain.told(resource).isPresent()) {
        chains.add(chain(resource, own == null ? List.of() : own, heads));
      }
    }
    parts.forEach(
        (uid, objects) -> chains.add(TransitionChain.read(uid, name(objects), objects, heads)));
    return chains.stream().sorted(Comparator.comparing(TransitionChain::resource)).toList();
  }

  /** The chain of a resource that is there. */
  static TransitionChain chain(
      SwiftDeployResource resource, List<TransitionResource> objects, List<Damages.Known> heads) {
    List<Damages.Known> known = new ArrayList<>(heads);
    TransitionChain.told(resource).ifPresent(known::add);
    return TransitionChain.read(
        resource.getMetadata().getUid(), resource.getMetadata().getName(), objects, known);
  }

  private static String name(List<TransitionResource> objects) {
    return objects.stream()
        .filter(t -> t.getSpec() != null && t.getSpec().resource() != null)
        .findFirst()
        .map(t -> t.getSpec().resource())
        .orElse("unknown");
  }

  /**
   * All records' objects, page by page. Nothing is asked by label: who takes a label away hides
   * nothing here. Of managed fields, which are as large as the rest, only who wrote what is kept.
   */
  private List<TransitionResource> transitions() {
    List<TransitionResource> all = new ArrayList<>();
    String next = "";
    do {
      String from = next;
      KubernetesResourceList<TransitionResource> page =
          server.asking("list", TRANSITIONS, () -> page(from));
      page.getItems().forEach(TransitionChain::lighten);
      all.addAll(page.getItems());
      next = page.getMetadata().getContinue();
    } while (next != null && !next.isEmpty());
    return all;
  }

  private KubernetesResourceList<TransitionResource> page(String from) {
    return server
        .client()
        .resources(TransitionResource.class)
        .inNamespace(server.namespace())
        .list(
            new ListOptionsBuilder()
                .withLimit(PAGE)
                .withContinue(from.isEmpty() ? null : from)
                .build());
  }

  /**
   * Hands a request over: it is an annotation until the operator has it on record.
   *
   * @throws PlatformException also where another one of its kind is not on record yet
   */
  public void ask(String name, Request request) {
    Map<String, String> told = new TreeMap<>();
    told.put("id", request.id());
    told.put("actor", request.actor());
    told.put("reason", request.reason());
    request.release().ifPresent(release -> told.put("release", release.value()));
    annotate(name, RequestAnnotation.key(request.kind()), told);
  }

  /**
   * Hands over that a person takes note of the chain's damage: an annotation until the operator has
   * it on record.
   *
   * @throws PlatformException also where another one is not on record yet
   */
  public void acknowledge(String name, String actor, String reason) {
    annotate(name, RequestAnnotation.Acknowledgement.KEY, Map.of("actor", actor, "reason", reason));
  }

  /** Whether the operator has taken it: it is on record then. */
  public boolean acknowledged(String name) {
    return resource(name)
        .map(r -> r.getMetadata().getAnnotations())
        .filter(all -> all.containsKey(RequestAnnotation.Acknowledgement.KEY))
        .isEmpty();
  }

  private void annotate(String name, String key, Map<String, String> told) {
    for (int attempt = 1; ; attempt++) {
      SwiftDeployResource there =
          resource(name)
              .orElseThrow(
                  () -> new PlatformException(name + " is gone", "see: kubectl get swiftdeploys"));
      requireNone(there, key);
      try {
        annotate(there, key, told);
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
          server.asking(
              "patch",
              SWIFTDEPLOYS,
              () -> {
                throw e;
              });
        }
      }
    }
  }

  private static void requireNone(SwiftDeployResource there, String key) {
    Map<String, String> annotations = there.getMetadata().getAnnotations();
    if (annotations != null && annotations.containsKey(key)) {
      String name = there.getMetadata().getName();
      throw new PlatformException(
          name + " carries a request already that the operator has not taken: " + key,
          "wait for it, or take it back: kubectl annotate sd " + name + " " + key + "-");
    }
  }

  /** On the very version that was looked at: nobody's request is written over. */
  private void annotate(SwiftDeployResource there, String key, Map<String, String> told) {
    Map<String, Object> metadata =
        Map.of(
            "resourceVersion",
            there.getMetadata().getResourceVersion(),
            "annotations",
            Map.of(key, Serialization.asJson(told)));
    server
        .client()
        .resources(SwiftDeployResource.class)
        .inNamespace(server.namespace())
        .withName(there.getMetadata().getName())
        .patch(
            PatchContext.of(PatchType.JSON_MERGE),
            Serialization.asJson(Map.of("metadata", metadata)));
  }

  /** Who asks, as the API server knows them; empty where it doesn't say. */
  public Optional<String> user() {
    try {
      return Optional.ofNullable(
              server.client().resource(new SelfSubjectReviewBuilder().build()).create())
          .map(SelfSubjectReview::getStatus)
          .map(SelfSubjectReviewStatus::getUserInfo)
          .map(UserInfo::getUsername);
    } catch (KubernetesClientException e) {
      return Optional.empty();
    }
  }

  /** The policies that decided, as they are kept beside the records. */
  public KubernetesPolicyArchive policies() {
    return new KubernetesPolicyArchive(server.client());
  }

  @Override
  public void close() {
    server.client().close();
  }
}
