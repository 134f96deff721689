package dev.swiftdeploy.kubernetes;

import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.informers.SharedIndexInformer;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/**
 * Says of each pod of a namespace what a kubelet would, and runs nothing: a control plane alone has
 * no node. What a pod is to do stands in its variable {@code FAKE}: {@code never} gets it ready,
 * {@code later} only once that is mended, and {@code unpullable} has no image.
 */
public final class FakeKubelet implements AutoCloseable {
  private static final Duration BACK_OFF = Duration.ofSeconds(2);

  private final KubernetesClient client;
  private final SharedIndexInformer<Pod> pods;
  private final IntFunction<String> addresses;
  private final ScheduledExecutorService turns = Executors.newSingleThreadScheduledExecutor();
  private final Map<String, Life> lives = new ConcurrentHashMap<>();
  private volatile boolean mended;

  /** One pod's life. */
  private static final class Life {
    private final Instant started = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    private final int number;
    private volatile int restarts;
    private volatile Instant killed = Instant.MAX;
    private volatile Instant hung = Instant.MAX;
    private String told = "";

    private Life(int number) {
      this.number = number;
    }
  }

  public FakeKubelet(KubernetesClient client, String namespace) {
    this(client, namespace, number -> "10.200.0." + number);
  }

  /**
   * @param addresses of the first, the second… pod
   */
  public FakeKubelet(KubernetesClient client, String namespace, IntFunction<String> addresses) {
    this.client = client;
    this.addresses = addresses;
    this.pods = client.pods().inNamespace(namespace).inform();
    turns.scheduleWithFixedDelay(this::turn, 0, 100, TimeUnit.MILLISECONDS);
  }

  /** Ends its container, as a kernel short of memory does; it is started again later. */
  public void kill(String pod) {
    lives.get(pod).killed = Instant.now();
  }

  /** What kept pods from getting ready until now is mended. */
  public void mend() {
    mended = true;
  }

  /** Lets it answer no more. */
  public void hang(String pod) {
    lives.get(pod).hung = Instant.now().truncatedTo(ChronoUnit.SECONDS);
  }

  private void turn() {
    try {
      pods.getStore().list().forEach(this::tell);
    } catch (KubernetesClientException e) {
      return; // tried again at the next turn
    }
  }

  private void tell(Pod pod) {
    if (pod.getMetadata().getDeletionTimestamp() != null) {
      return;
    }
    String name = pod.getMetadata().getName();
    Life life = lives.computeIfAbsent(name, n -> new Life(lives.size() + 1));
    if (Instant.now()
        .isAfter(life.killed.equals(Instant.MAX) ? Instant.MAX : life.killed.plus(BACK_OFF))) {
      life.killed = Instant.MAX;
      life.restarts++;
    }
    PodStatus status = status(pod, life);
    if (!status.toString().equals(life.told)) {
      client.resource(new PodBuilder(pod).withStatus(status).build()).updateStatus();
      life.told = status.toString();
    }
  }

  private PodStatus status(Pod pod, Life life) {
    boolean down = !life.killed.equals(Instant.MAX);
    boolean silent = !life.hung.equals(Instant.MAX);
    boolean unpullable = is(pod, "unpullable");
    boolean never = is(pod, "never") || (is(pod, "later") && !mended);
    boolean ready = !down && !silent && !unpullable && !never;
    Instant since = silent ? life.hung : life.started;
    ContainerStateBuilder state = new ContainerStateBuilder();
    if (down) {
      state.withNewTerminated().withExitCode(137).withReason("OOMKilled").endTerminated();
    } else if (unpullable) {
      state.withNewWaiting("no such image", "ErrImagePull");
    } else {
      state.withNewRunning(life.started.toString());
    }
    return new PodStatusBuilder()
        .withPhase("Running")
        .withPodIP(addresses.apply(life.number))
        .addNewPodIP(addresses.apply(life.number))
        .addNewCondition()
        .withType("Ready")
        .withStatus(ready ? "True" : "False")
        .withLastTransitionTime(since.toString())
        .withMessage(ready ? "" : "Get /healthz: connection refused")
        .endCondition()
        .addNewContainerStatus()
        .withName(pod.getSpec().getContainers().get(0).getName())
        .withImage(pod.getSpec().getContainers().get(0).getImage())
        .withImageID("")
        .withReady(ready)
        .withRestartCount(life.restarts)
        .withState(state.build())
        .endContainerStatus()
        .build();
  }

  private static boolean is(Pod pod, String what) {
    return pod.getSpec().getContainers().get(0).getEnv().stream()
        .anyMatch(e -> e.getName().equals("FAKE") && e.getValue().equals(what));
  }

  @Override
  public void close() {
    turns.shutdownNow();
    pods.close();
  }
}
