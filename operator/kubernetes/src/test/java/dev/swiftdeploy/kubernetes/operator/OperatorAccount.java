package dev.swiftdeploy.kubernetes.operator;

import static org.assertj.core.api.Assertions.assertThat;

import dev.swiftdeploy.kubernetes.Cluster;
import dev.swiftdeploy.kubernetes.host.ApiClients;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.ConfigBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The operator's account with the rights of the namespaced installation, in a test's namespace. */
final class OperatorAccount {
  private static final Path INSTALL = Path.of("install");
  private static final List<String> KINDS = List.of("ServiceAccount", "Role", "RoleBinding");

  private OperatorAccount() {}

  /** Makes it; a configuration that has its token and nothing else. */
  static Config install(Cluster cluster) {
    String here = "namespace: " + cluster.namespace();
    String objects =
        Arrays.stream(
                (read("base/operator.yaml") + "\n---\n" + read("namespaced/rights.yaml"))
                    .split("\n---\n"))
            .filter(
                object ->
                    KINDS.stream().anyMatch(kind -> object.contains("\nkind: " + kind + "\n")))
            .collect(Collectors.joining("\n---\n"))
            .replace("namespace: swiftdeploy-system", here)
            .replace("namespace: shop", here);
    Cluster.Ran applied = cluster.kubectlWith(objects, "apply", "-f", "-");
    assertThat(applied.exit()).as(applied.output()).isZero();
    Cluster.Ran token = cluster.kubectl("create", "token", "swiftdeploy-operator");
    assertThat(token.exit()).as(token.output()).isZero();
    Config admin = ApiClients.config(Optional.empty());
    Config account =
        new ConfigBuilder(Config.empty())
            .withMasterUrl(admin.getMasterUrl())
            .withCaCertFile(admin.getCaCertFile())
            .withCaCertData(admin.getCaCertData())
            .withOauthToken(token.output().strip())
            .withNamespace(cluster.namespace())
            .build();
    account.setRequestRetryBackoffLimit(admin.getRequestRetryBackoffLimit());
    return account;
  }

  private static String read(String file) {
    try {
      return Files.readString(INSTALL.resolve(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
