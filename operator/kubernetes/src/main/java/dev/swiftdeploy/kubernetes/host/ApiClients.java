package dev.swiftdeploy.kubernetes.host;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.okhttp.OkHttpClientFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import okhttp3.Interceptor;
import okhttp3.OkHttpClient;
import org.jspecify.annotations.Nullable;

/** Clients of the API server, as everything here uses them. */
public final class ApiClients {
  private static final String AGENT = "swiftdeploy/1";
  private static final int RETRIES = 2;
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private ApiClients() {}

  /**
   * The configuration of a context: {@code KUBECONFIG}, else {@code ~/.kube/config}, else the pod's
   * own account.
   *
   * @param context of the kubeconfig; empty: its present one
   * @throws IllegalArgumentException if there is no such context, or nothing that names a cluster
   */
  public static Config config(Optional<String> context) {
    if (!configured()) {
      throw new IllegalArgumentException(
          "there is no kubeconfig: "
              + String.join(", ", Config.getKubeconfigFilenames())
              + " is not there");
    }
    Config config = Config.autoConfigure(context.orElse(null));
    if (context.isPresent() && !knows(config, context.get())) {
      throw new IllegalArgumentException("the kubeconfig has no context " + context.get());
    }
    // What is done here is done again by whoever asked for it: a loop, or a person.
    config.setRequestRetryBackoffLimit(RETRIES);
    config.setRequestTimeout((int) PATIENCE.toMillis());
    config.setConnectionTimeout((int) PATIENCE.toMillis());
    // What the API server notes as the writer of what is created.
    config.setUserAgent(AGENT);
    return config;
  }

  private static boolean configured() {
    return Config.getKubeconfigFilenames().stream().anyMatch(file -> Files.exists(Path.of(file)))
        || Files.exists(Path.of(Config.KUBERNETES_SERVICE_ACCOUNT_TOKEN_PATH))
        || System.getenv("KUBERNETES_MASTER") != null;
  }

  private static boolean knows(Config config, String context) {
    io.fabric8.kubernetes.api.model.@Nullable NamedContext current = config.getCurrentContext();
    return current != null && context.equals(current.getName());
  }

  /**
   * The operator's client: every request passes what stands at its wire, and of managed fields it
   * reads what it needs ({@link AskedFields}).
   */
  public static KubernetesClient open(Config config, Interceptor wire) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withKubernetesSerialization(AskedFields.serialization())
        .withHttpClientFactory(
            new OkHttpClientFactory() {
              @Override
              protected void additionalConfig(OkHttpClient.Builder builder) {
                builder.addInterceptor(wire);
              }
            })
        .build();
  }

  /** A client of a command. */
  public static KubernetesClient open(Config config) {
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new OkHttpClientFactory())
        .build();
  }
}
