package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.release.Release;
import dev.swiftdeploy.core.release.Workload;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * An instance's whole environment: a few names of the machine's, then the release's own, then what
 * SwiftDeploy says; the later wins.
 */
final class InstanceEnvironment {
  private static final Set<String> INHERITED =
      Set.of(
          "PATH",
          "HOME",
          "USER",
          "LOGNAME",
          "SHELL",
          "LANG",
          "LC_ALL",
          "LC_CTYPE",
          "TZ",
          "JAVA_HOME",
          "TMPDIR");

  private InstanceEnvironment() {}

  static Map<String, String> of(
      ProcessSite site, Release release, Workload workload, int slot, int port) {
    Map<String, String> environment = new TreeMap<>(site.environment());
    environment.keySet().retainAll(INHERITED);
    release.env().forEach((name, value) -> environment.put(name.value(), value));
    environment.put("MODE", workload.mode().word());
    environment.put("APP_VERSION", release.version().value());
    environment.put("APP_PORT", Integer.toString(port));
    environment.put("APP_HOST", "127.0.0.1");
    environment.put(ProcessScan.INSTANCE, site.resource() + "/" + workload.name() + "/" + slot);
    environment.put(ProcessScan.STATE, site.state().toString());
    return environment;
  }
}
