package dev.swiftdeploy.kubernetes;

import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeCondition;
import io.fabric8.kubernetes.api.model.NodeConditionBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** A node that nobody runs: says of itself again and again what a kubelet would. */
public final class FakeNode implements AutoCloseable {
  private static final int ATTEMPTS = 10;

  private final KubernetesClient client;
  private final String name;
  private final Map<String, String> conditions = new TreeMap<>();
  private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor();

  /** Ready, and under no pressure. */
  public FakeNode(KubernetesClient client, String name) {
    this.client = client;
    this.name = name;
    conditions.put("Ready", "True");
    for (String pressure : List.of("DiskPressure", "MemoryPressure", "PIDPressure")) {
      conditions.put(pressure, "False");
    }
    client
        .resource(new NodeBuilder().withNewMetadata().withName(name).endMetadata().build())
        .create();
    tell();
    turns.scheduleWithFixedDelay(this::turn, 5, 5, TimeUnit.SECONDS);
  }

  /** From now on. */
  public synchronized void condition(String type, String status) {
    conditions.put(type, status);
    tell();
  }

  private void turn() {
    try {
      tell();
    } catch (KubernetesClientException e) {
      return; // tried again at the next turn
    }
  }

  /** The controller manager writes nodes, too. */
  private synchronized void tell() {
    for (int attempt = 1; ; attempt++) {
      try {
        write();
        return;
      } catch (KubernetesClientException e) {
        if (e.getCode() != HttpURLConnection.HTTP_CONFLICT || attempt == ATTEMPTS) {
          throw e;
        }
      }
    }
  }

  private void write() {
    List<NodeCondition> told = new ArrayList<>();
    conditions.forEach(
        (type, status) ->
            told.add(
                new NodeConditionBuilder()
                    .withType(type)
                    .withStatus(status)
                    .withReason("Told")
                    .withLastHeartbeatTime(Instant.now().toString())
                    .withLastTransitionTime(Instant.now().toString())
                    .build()));
    client
        .nodes()
        .withName(name)
        .editStatus(
            node ->
                new NodeBuilder(node).editOrNewStatus().withConditions(told).endStatus().build());
  }

  @Override
  public void close() {
    turns.shutdownNow();
    client.nodes().withName(name).delete();
  }
}
