package dev.swiftdeploy.kubernetes.client;

import dev.swiftdeploy.core.platform.PlatformException;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** Asks the API server, and says in a person's words what it answers where it doesn't do it. */
final class ApiServer {
  private final KubernetesClient client;
  private final String namespace;

  ApiServer(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  KubernetesClient client() {
    return client;
  }

  String namespace() {
    return namespace;
  }

  /**
   * Asks.
   *
   * @param verb and {@code kind}: what is asked for, as rights name it: {@code list}, {@code
   *     transitions.swiftdeploy.dev}
   * @throws PlatformException with what to do about it
   */
  <T> T asking(String verb, String kind, Supplier<T> request) {
    try {
      return request.get();
    } catch (KubernetesClientException e) {
      throw trouble(verb, kind, e);
    }
  }

  private PlatformException trouble(String verb, String kind, KubernetesClientException e) {
    String what = verb + " " + kind;
    return switch (e.getCode()) {
      case HttpURLConnection.HTTP_UNAUTHORIZED ->
          new PlatformException(
              "the API server " + client.getMasterUrl() + " does not know who asks",
              "check the kubeconfig's credentials: kubectl auth whoami",
              e);
      case HttpURLConnection.HTTP_FORBIDDEN ->
          new PlatformException(
              "you may not " + what + " in namespace " + namespace,
              "ask for a Role that allows it; kubectl auth can-i "
                  + what
                  + " -n "
                  + namespace
                  + " tells",
              e);
      case HttpURLConnection.HTTP_NOT_FOUND ->
          new PlatformException(
              "the cluster " + client.getMasterUrl() + " has no " + kind,
              "install SwiftDeploy there: kubectl apply --server-side -f"
                  + " operator/kubernetes/install/install.yaml",
              e);
      default ->
          unreachable(e)
              ? new PlatformException(
                  "the API server " + client.getMasterUrl() + " does not answer: " + reason(e),
                  "check the kubeconfig's context, and that the cluster runs: kubectl cluster-info",
                  e)
              : new PlatformException(
                  "the API server does not " + what + ": " + said(e),
                  "see how it is: kubectl get --raw '/readyz?verbose'",
                  e);
    };
  }

  static boolean unreachable(KubernetesClientException e) {
    for (@Nullable Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof IOException) {
        return true;
      }
    }
    return false;
  }

  /** The innermost says what it was. */
  private static String reason(Throwable e) {
    Throwable last = e;
    while (last.getCause() != null) {
      last = last.getCause();
    }
    return last.getMessage() == null ? last.getClass().getSimpleName() : last.getMessage();
  }

  private static String said(KubernetesClientException e) {
    return e.getStatus() != null && e.getStatus().getMessage() != null
        ? e.getStatus().getMessage()
        : String.valueOf(e.getMessage());
  }
}
