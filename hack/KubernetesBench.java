import com.sun.net.httpserver.HttpServer;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.api.SwiftDeployStatus;
import io.fabric8.kubernetes.api.model.BindingBuilder;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.NodeBuilder;
import io.fabric8.kubernetes.api.model.NodeStatusBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.coordination.v1.LeaseBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.informers.ResourceEventHandler;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;

/**
 * Run by hack/bench kubernetes: {@code RESOURCES OPERATOR_PID OPERATOR_METRICS_PORT}. Makes nodes
 * that run nothing and a service that answers for every pod, declares so many resources, updates
 * them all at once, and prints what it cost: lines {@code what<TAB>figure}.
 */
public class KubernetesBench {
  private static final String NAMESPACE = "bench";
  private static final Duration PATIENCE = Duration.ofMinutes(12);
  private static final Duration QUIET = Duration.ofSeconds(20);
  private static final Duration IDLE = Duration.ofSeconds(60);

  /** What a canary of two steps tells. */
  private static final List<String> EVENTS =
      List.of("CanaryStarted", "CanaryAdvanced", "Promoted");

  private final KubernetesClient client = new KubernetesClientBuilder().build();
  private final HttpClient http = HttpClient.newHttpClient();
  private final ExecutorService threads = Executors.newFixedThreadPool(16);
  private final int resources;
  private final Path process;
  private final URI metrics;
  private double heap;

  private KubernetesBench(String[] args) {
    resources = Integer.parseInt(args[0]);
    process = Path.of("/proc", args[1]);
    metrics = URI.create("http://127.0.0.1:" + args[2] + "/metrics");
  }

  public static void main(String[] args) throws Exception {
    KubernetesBench bench = new KubernetesBench(args);
    try (Service service = new Service();
        Nodes nodes = new Nodes(bench.client, bench.resources)) {
      bench.run(service.port());
    } catch (Exception e) {
      e.printStackTrace();
      System.exit(1); // threads of clients would keep it alive
    }
    System.exit(0);
  }

  private void run(int port) throws Exception {
    long begun = System.nanoTime();
    all(number -> client.resource(manifest(number, port)).inNamespace(NAMESPACE).create());
    await("1.0.0");
    tell("all deployed, s", seconds(begun));
    Thread.sleep(QUIET.toMillis());

    Map<String, Double> before = requests();
    double processor = processor();
    double ticks = ticks();
    Stored stored = stored();
    heap = 0;
    begun = System.nanoTime();
    all(
        number ->
            client
                .resources(SwiftDeployResource.class)
                .inNamespace(NAMESPACE)
                .withName(name(number))
                .patch(
                    PatchContext.of(PatchType.JSON_MERGE),
                    "{\"spec\":{\"services\":{\"version\":\"2.0.0\"}}}"));
    tell("all updated, s", seconds(begun));
    await("2.0.0");
    tell("all promoted, s", seconds(begun));
    tell("processor time of the operator, s", processor() - processor);
    tell("reconciliations per rollout", (ticks() - ticks) / resources);
    Thread.sleep(QUIET.toMillis());
    Map<String, Double> rollout = more(before, requests(), false);
    tell("requests per rollout", sum(rollout) / resources);
    rollout.forEach((verb, count) -> tell("  " + verb, count / resources));
    Map<String, Double> failed = failed(before, requests());
    tell("refused or failed requests", sum(failed));
    failed.forEach((request, count) -> tell("  " + request, count));
    tell("resident memory at most, MiB", peak() / 1024.0);
    tell("heap in use at most, MiB", heap / (1 << 20));
    events();
    tell("audit records per rollout", (double) (stored().records - stored.records) / resources);
    tell("  KiB of them", (stored().bytes - stored.bytes) / 1024.0 / resources);

    before = requests();
    processor = processor();
    ticks = ticks();
    Thread.sleep(IDLE.toMillis());
    tell("idle requests a minute", sum(more(before, requests(), true)));
    tell("idle reconciliations a minute and resource", (ticks() - ticks) / resources);
    tell("idle processor, % of one", (processor() - processor) / IDLE.toSeconds() * 100);
  }

  private static void tell(String what, double figure) {
    System.out.printf(Locale.ROOT, "%s\t%.1f%n", what, figure);
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }

  // ---- resources ----

  private static String name(int number) {
    return "r" + number;
  }

  private static String manifest(int number, int port) {
    return """
        apiVersion: swiftdeploy.dev/v1alpha1
        kind: SwiftDeploy
        metadata: {name: %s}
        spec:
          services: {image: "shop@sha256:%s", version: "1.0.0", port: %d}
          canary:
            steps: [{weight: 20, hold: 10s}, {weight: 100}]
            analysis: {interval: 2s, window: 10s}
        """
        .formatted(name(number), "a1".repeat(32), port);
  }

  private interface Act {
    void on(int number);
  }

  private void all(Act act) throws Exception {
    List<Future<?>> running = new ArrayList<>();
    for (int i = 0; i < resources; i++) {
      int number = i;
      running.add(threads.submit(() -> act.on(number)));
    }
    for (Future<?> one : running) {
      one.get();
    }
  }

  private void await(String version) throws Exception {
    Instant end = Instant.now().plus(PATIENCE);
    while (true) {
      heap = Math.max(heap, sum(samples("jvm_memory_used_bytes")));
      List<SwiftDeployResource> there = List.of();
      try {
        there = client.resources(SwiftDeployResource.class).inNamespace(NAMESPACE).list().getItems();
      } catch (KubernetesClientException e) {
        System.err.println("resources: " + e.getMessage()); // a busy API server: asked again
      }
      List<String> open =
          there.stream()
              .filter(((Predicate<SwiftDeployResource>) r -> serves(r, version)).negate())
              .map(r -> r.getMetadata().getName() + " " + said(r))
              .toList();
      if (open.isEmpty() && there.size() == resources) {
        return;
      }
      if (Instant.now().isAfter(end)) {
        throw new IllegalStateException(
            open.size() + " of " + there.size() + " don't serve " + version + ": " + open);
      }
      Thread.sleep(1000);
    }
  }

  private static boolean serves(SwiftDeployResource resource, String version) {
    SwiftDeployStatus status = resource.getStatus();
    return status != null
        && status.stable() != null
        && version.equals(status.stable().version())
        && status.candidate() == null
        && Objects.equals(status.observedGeneration(), resource.getMetadata().getGeneration())
        && is(status, "Ready", "True")
        && is(status, "Reconciling", "False");
  }

  private static boolean is(SwiftDeployStatus status, String type, String value) {
    return status.conditions() != null
        && status.conditions().stream()
            .anyMatch(c -> c.type().equals(type) && c.status().equals(value));
  }

  private static String said(SwiftDeployResource resource) {
    return resource.getStatus() == null || resource.getStatus().conditions() == null
        ? "has no status"
        : resource.getStatus().conditions().toString();
  }

  /** Distinct reasons of distinct resources: what is told twice counts once. */
  private void events() {
    Set<String> seen = new HashSet<>();
    int blocked = 0;
    for (Event event : client.v1().events().inNamespace(NAMESPACE).list().getItems()) {
      if (EVENTS.contains(event.getReason())) {
        seen.add(event.getInvolvedObject().getName() + " " + event.getReason());
      } else if (event.getReason().endsWith("Blocked")) {
        blocked++;
      }
    }
    tell("events expected", resources * EVENTS.size());
    tell("events seen", seen.size());
    tell("events of answers that blocked", blocked);
  }

  // ---- the operator, from outside ----

  private String text() throws Exception {
    return http.send(
            HttpRequest.newBuilder(metrics).timeout(Duration.ofSeconds(10)).build(),
            HttpResponse.BodyHandlers.ofString())
        .body();
  }

  private Map<String, Double> samples(String name) throws Exception {
    Map<String, Double> samples = new TreeMap<>();
    text()
        .lines()
        .filter(line -> line.startsWith(name + "{") || line.startsWith(name + " "))
        .forEach(
            line ->
                samples.put(
                    line.substring(0, line.lastIndexOf(' ')),
                    Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
    return samples;
  }

  private Map<String, Double> requests() throws Exception {
    return samples("swiftdeploy_api_requests_total");
  }

  /**
   * By verb and resource.
   *
   * @param lease whether those of the lease count, which have a price of their own
   */
  private static Map<String, Double> more(
      Map<String, Double> before, Map<String, Double> now, boolean lease) {
    Map<String, Double> more = new TreeMap<>();
    now.forEach(
        (labels, count) -> {
          double grown = count - before.getOrDefault(labels, 0.0);
          boolean watch = labels.contains("verb=\"watch\"");
          if (grown > 0 && !watch && (lease || !labels.contains("\"leases\""))) {
            more.merge(label(labels, "verb") + " " + label(labels, "resource"), grown, Double::sum);
          }
        });
    return more;
  }

  /** By verb, resource and code. */
  private static Map<String, Double> failed(Map<String, Double> before, Map<String, Double> now) {
    Map<String, Double> failed = new TreeMap<>();
    now.forEach(
        (labels, count) -> {
          double grown = count - before.getOrDefault(labels, 0.0);
          String code = label(labels, "code");
          // 101: a watch that has begun
          if (grown > 0 && !code.startsWith("2") && !code.equals("101")) {
            String request = label(labels, "verb") + " " + label(labels, "resource");
            failed.put(request + " " + code, grown);
          }
        });
    return failed;
  }

  /** Audit records, and how much they are as the API server keeps them: as JSON. */
  private record Stored(int records, long bytes) {}

  private Stored stored() {
    String list =
        client.raw("/apis/swiftdeploy.dev/v1alpha1/namespaces/" + NAMESPACE + "/transitions");
    return new Stored(list.split("\"kind\":\"Transition\"", -1).length - 1, list.length());
  }

  private double ticks() throws Exception {
    return sum(samples("swiftdeploy_reconcile_seconds_count"));
  }

  private static String label(String labels, String name) {
    String text = labels.substring(labels.indexOf(name + "=\"") + name.length() + 2);
    return text.substring(0, text.indexOf('"'));
  }

  private static double sum(Map<String, Double> counted) {
    return counted.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** In seconds; a tick of the kernel's is a hundredth. */
  private double processor() throws IOException {
    String stat = Files.readString(process.resolve("stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) / 100.0;
  }

  private double peak() throws IOException {
    return Files.readAllLines(process.resolve("status")).stream()
        .filter(line -> line.startsWith("VmHWM:"))
        .mapToDouble(line -> Double.parseDouble(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }

  // ---- what stands in for nodes and services ----

  /** Takes pods, says that they run, and lets them go. */
  private static final class Nodes implements AutoCloseable {
    private static final int PODS = 100;
    private final KubernetesClient client;
    private final ExecutorService kubelets = Executors.newFixedThreadPool(12);
    private final ScheduledExecutorService heart = Executors.newSingleThreadScheduledExecutor();
    private final Set<String> told = ConcurrentHashMap.newKeySet();
    private final AtomicInteger turn = new AtomicInteger();
    private final int nodes;

    private Nodes(KubernetesClient client, int resources) {
      this.client = client;
      this.nodes = Math.max(2, resources * 4 / PODS);
      for (int i = 0; i < nodes; i++) {
        node("node-" + i);
      }
      heart.scheduleWithFixedDelay(this::beat, 0, 10, TimeUnit.SECONDS);
      client
          .pods()
          .inNamespace(NAMESPACE)
          .inform(
              new ResourceEventHandler<>() {
                @Override
                public void onAdd(Pod pod) {
                  kubelets.execute(() -> take(pod));
                }

                @Override
                public void onUpdate(Pod before, Pod pod) {
                  kubelets.execute(() -> take(pod));
                }

                @Override
                public void onDelete(Pod pod, boolean unknown) {
                  told.remove(pod.getMetadata().getUid());
                  told.remove("go " + pod.getMetadata().getUid());
                }
              });
    }

    private void node(String name) {
      client
          .resource(
              new NodeBuilder()
                  .withNewMetadata()
                  .withName(name)
                  .addToLabels("kubernetes.io/hostname", name)
                  .endMetadata()
                  .build())
          .create();
      Map<String, Quantity> room =
          Map.of(
              "pods", new Quantity("110"),
              "cpu", new Quantity("8"),
              "memory", new Quantity("32Gi"),
              "ephemeral-storage", new Quantity("100Gi"));
      client
          .nodes()
          .withName(name)
          .subresource("status")
          .patch(
              PatchContext.of(PatchType.JSON_MERGE),
              Serialization.asJson(
                  Map.of(
                      "status",
                      new NodeStatusBuilder()
                          .withAllocatable(room)
                          .withCapacity(room)
                          .addNewCondition()
                          .withType("Ready")
                          .withStatus("True")
                          .withReason("KubeletReady")
                          .withLastHeartbeatTime(now())
                          .withLastTransitionTime(now())
                          .endCondition()
                          .build())));
    }

    private void beat() {
      for (int i = 0; i < nodes; i++) {
        try {
          client
              .resource(
                  new LeaseBuilder()
                      .withNewMetadata()
                      .withName("node-" + i)
                      .withNamespace("kube-node-lease")
                      .endMetadata()
                      .withNewSpec()
                      .withHolderIdentity("node-" + i)
                      .withLeaseDurationSeconds(40)
                      .withRenewTime(ZonedDateTime.now(ZoneOffset.UTC).truncatedTo(ChronoUnit.MICROS))
                      .endSpec()
                      .build())
              .forceConflicts()
              .serverSideApply();
        } catch (KubernetesClientException e) {
          System.err.println("a node's lease: " + e.getMessage());
        }
      }
    }

    private void take(Pod pod) {
      String uid = pod.getMetadata().getUid();
      String name = pod.getMetadata().getName();
      try {
        if (pod.getMetadata().getDeletionTimestamp() != null) {
          if (told.add("go " + uid)) {
            client.pods().inNamespace(NAMESPACE).withName(name).withGracePeriod(0).delete();
          }
        } else if (told.add(uid)) {
          bind(name);
          client
              .pods()
              .inNamespace(NAMESPACE)
              .withName(name)
              .subresource("status")
              .patch(PatchContext.of(PatchType.JSON_MERGE), running(pod));
        }
      } catch (KubernetesClientException e) {
        if (e.getCode() != 404 && e.getCode() != 409) {
          System.err.println("a pod: " + e.getMessage());
          told.remove(uid);
          told.remove("go " + uid);
          heart.schedule(() -> kubelets.execute(() -> take(pod)), 1, TimeUnit.SECONDS);
        }
      }
    }

    /** Once, however often it is tried. */
    private void bind(String pod) {
      try {
        client
            .bindings()
            .inNamespace(NAMESPACE)
            .resource(
                new BindingBuilder()
                    .withNewMetadata()
                    .withName(pod)
                    .endMetadata()
                    .withNewTarget()
                    .withKind("Node")
                    .withName("node-" + turn.incrementAndGet() % nodes)
                    .endTarget()
                    .build())
            .create();
      } catch (KubernetesClientException e) {
        if (e.getCode() != 409) {
          throw e;
        }
      }
    }

    private static String now() {
      return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
    }

    private static String running(Pod pod) {
      String is = "{\"type\":\"%s\",\"status\":\"True\",\"lastTransitionTime\":\"" + now() + "\"}";
      String container = pod.getSpec().getContainers().get(0).getName();
      return "{\"status\":{\"phase\":\"Running\",\"podIP\":\"127.0.0.1\",\"podIPs\":[{\"ip\":\"127.0.0.1\"}],"
          + "\"startTime\":\""
          + now()
          + "\",\"conditions\":["
          + String.join(
              ",",
              is.formatted("PodScheduled"),
              is.formatted("Initialized"),
              is.formatted("ContainersReady"),
              is.formatted("Ready"))
          + "],\"containerStatuses\":[{\"name\":\""
          + container
          + "\",\"image\":\"i\",\"imageID\":\"i\",\"ready\":true,\"restartCount\":0,\"state\":{\"running\":{\"startedAt\":\""
          + now()
          + "\"}}}]}}";
    }

    @Override
    public void close() {
      heart.shutdownNow();
      kubelets.shutdownNow();
    }
  }

  /** Metrics of a service that is asked 100 times a second and answers well: for every pod. */
  private static final class Service implements AutoCloseable {
    private final HttpServer server;
    private final ExecutorService threads = Executors.newFixedThreadPool(8);
    private final long begun = System.nanoTime();

    private Service() throws IOException {
      server = HttpServer.create(new InetSocketAddress("127.0.0.1", 0), 200);
      server.setExecutor(threads);
      server.createContext(
          "/",
          exchange -> {
            byte[] body = metrics().getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", "text/plain; version=0.0.4");
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
          });
      server.start();
    }

    private int port() {
      return server.getAddress().getPort();
    }

    private String metrics() {
      double seconds = seconds(begun);
      long requests = (long) (seconds * 100);
      String le = "http_request_duration_seconds_bucket{method=\"GET\",path=\"/\",le=\"%s\"} %d\n";
      return "http_requests_total{method=\"GET\",path=\"/\",status_code=\"200\"} "
          + requests
          + "\n"
          + le.formatted("0.05", requests)
          + le.formatted("0.5", requests)
          + le.formatted("+Inf", requests)
          + "http_request_duration_seconds_count{method=\"GET\",path=\"/\"} "
          + requests
          + "\nhttp_request_duration_seconds_sum{method=\"GET\",path=\"/\"} "
          + requests * 0.01
          + "\napp_uptime_seconds "
          + seconds
          + "\napp_mode 0\nchaos_active 0\n";
    }

    @Override
    public void close() {
      server.stop(0);
      threads.shutdownNow();
    }
  }
}
