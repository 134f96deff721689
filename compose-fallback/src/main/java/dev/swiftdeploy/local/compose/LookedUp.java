package dev.swiftdeploy.local.compose;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import dev.swiftdeploy.adapters.proxy.Endpoint;
import dev.swiftdeploy.adapters.proxy.ProxyConfig;
import dev.swiftdeploy.core.audit.Json;
import dev.swiftdeploy.local.files.DurableFile;
import dev.swiftdeploy.local.proxy.StateFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What instances' names stood for when nginx looked them up: it does so once, when it is told. */
final class LookedUp {
  private final Path file;

  LookedUp(ComposeSite site) {
    this.file = site.state().resolve("addresses.json");
  }

  /** What they stand for now. */
  static Map<String, String> now(ProxyConfig config, List<Container> all) {
    String network = config.settings().network().name().value();
    Set<String> hosts =
        config.serving().stream()
            .flatMap(b -> config.endpointsOf(b.workload()).stream())
            .map(Endpoint::host)
            .collect(Collectors.toSet());
    Map<String, String> addresses = new TreeMap<>();
    all.stream()
        .filter(c -> hosts.contains(c.name()))
        .forEach(c -> addresses.put(c.name(), c.addresses().getOrDefault(network, "")));
    return addresses;
  }

  /** What they stood for; nothing where nginx was never told anything. */
  Map<String, String> then() {
    try {
      return Json.MAPPER.readValue(
          StateFolder.read(file), new TypeReference<TreeMap<String, String>>() {});
    } catch (JsonProcessingException e) {
      return Map.of();
    } catch (IOException e) {
      return Map.of();
    }
  }

  void write(Map<String, String> addresses) throws IOException {
    DurableFile.write(file, Json.MAPPER.writeValueAsString(addresses));
  }

  /** Whether nginx was ever told anything. */
  boolean any() {
    return Files.exists(file);
  }

  void forget() {
    try {
      Files.deleteIfExists(file);
    } catch (IOException e) {
      return; // then the next nginx is told once more than it need be
    }
  }
}
