import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.swiftdeploy.adapters.audit.ChainPlace;
import dev.swiftdeploy.adapters.audit.ChainScan;
import dev.swiftdeploy.adapters.audit.FileAuditLog;
import dev.swiftdeploy.core.audit.Entry;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.report.Audit;
import dev.swiftdeploy.core.report.AuditReport;
import dev.swiftdeploy.core.spec.ResourceName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Run by hack/bench audit, a step a JVM: {@code append FOLDER RECORDS SEGMENT_BYTES}, {@code verify
 * FOLDER}, {@code report FOLDER}, {@code open FOLDER}. Prints what took how long.
 */
public class AuditBench {
  private static final Optional<ResourceName> DEMO = Optional.of(ResourceName.of("demo"));

  public static void main(String[] args) throws Exception {
    Path folder = Files.createDirectories(Path.of(args[1]));
    long segment = args.length > 3 ? Long.parseLong(args[3]) : ChainPlace.SEGMENT_BYTES;
    ChainPlace place =
        new ChainPlace(folder.resolve("history.jsonl"), folder.resolve("audit.key"), segment);
    long begun = System.nanoTime();
    long records =
        switch (args[0]) {
          case "append" -> append(place, Integer.parseInt(args[2]));
          case "verify" -> verify(place);
          case "report" -> report(place);
          case "open" -> open(place);
          default -> throw new IllegalArgumentException(args[0]);
        };
    double seconds = (System.nanoTime() - begun) / 1e9;
    System.out.printf(
        Locale.ROOT,
        "%d records in %.2f s, %.0f a second, heap at most %d MB%n",
        records,
        seconds,
        records / seconds,
        Runtime.getRuntime().maxMemory() >> 20);
  }

  /** As a candidate's life is: half are reviews with their evidence, the rest is short. */
  private static long append(ChainPlace place, int records) throws Exception {
    try (FileAuditLog log =
        FileAuditLog.open(place, Clock.systemUTC(), CrashPoints.NONE, Optional.empty())) {
      log.append(DEMO, new Entry.Opened(Entry.Opened.FORMAT, "u-1", "process"));
      for (int i = 1; i < records; i++) {
        log.append(DEMO, i % 2 == 0 ? new Entry.Stopped("kim") : review(i));
      }
    }
    return records;
  }

  private static Entry review(int i) throws Exception {
    ObjectNode input = Json.MAPPER.createObjectNode();
    input.put("time", Instant.now().toString());
    for (String side : List.of("stable", "candidate")) {
      ObjectNode metrics = input.putObject(side);
      for (int field = 0; field < 20; field++) {
        metrics.put("measured_value_" + field, Math.sqrt(i + field));
      }
    }
    ObjectNode decision =
        (ObjectNode)
            Json.MAPPER.readTree(
                """
                {"type":"decision","decision_id":"d-%d","transition":{"kind":"deploy","cause":"spec",
                "to":"0123456789ab","skips_hold":false,"deadline":"PT1M","after":{}},"enact":true,
                "verdict":"denied","generation":1,"spec":"%s","actor":{"name":"kim","source":"spec",
                "verified":false},"policy":{"engine":"embedded","digest":"%s","verified":true},
                "result":{"allow":false,"violations":[{"code":"latency_too_high","message":
                "Latency too high","policy":"canary","severity":"block","observed":812,
                "threshold":500}],"rollback":false,"grants":[]},"failed_reviews":1,"repeated":0}
                """
                    .formatted(i, "5".repeat(64), "6".repeat(64)));
    decision.set("input", input);
    return Json.MAPPER.treeToValue(decision, Entry.class);
  }

  private static long verify(ChainPlace place) throws Exception {
    ChainScan.Result read =
        ChainScan.read(place, ChainScan.From.START, List.of(), Set.of(), record -> {});
    read.damage().ifPresent(damage -> System.exit(1));
    return read.records();
  }

  private static long report(ChainPlace place) throws Exception {
    Audit.Reader reader = new Audit.Reader(Optional.empty(), Instant.now());
    ChainScan.Result read =
        ChainScan.read(place, ChainScan.From.START, List.of(), Set.of(), reader::take);
    String text =
        AuditReport.render(reader.audit(read.before(), read.head(), read.keys(), read.damage()));
    Files.writeString(place.history().resolveSibling("audit_report.md"), text);
    return read.records();
  }

  private static long open(ChainPlace place) {
    try (FileAuditLog log =
        FileAuditLog.open(place, Clock.systemUTC(), CrashPoints.NONE, Optional.empty())) {
      log.append(Optional.empty(), new Entry.Stopped("kim"));
      return log.head().seq();
    }
  }
}
