package dev.swiftdeploy.local.process;

import dev.swiftdeploy.core.spec.ResourceName;
import java.nio.file.Path;
import java.util.Map;

/**
 * Where one resource runs on this machine.
 *
 * @param folder the manifest's; instances run in it
 * @param state the resource's own, for everything that is written; the folders beside it are those
 *     of the other resources, whose ports are looked up there
 * @param environment of this process; a few names of it are handed on to instances
 */
public record ProcessSite(
    ResourceName resource, Path folder, Path state, Map<String, String> environment) {
  public ProcessSite {
    folder = folder.toAbsolutePath().normalize();
    state = state.toAbsolutePath().normalize();
    environment = Map.copyOf(environment);
  }

  public Path releases() {
    return state.resolve("releases");
  }

  public Path artifacts() {
    return state.resolve("artifacts");
  }

  public Path workloads() {
    return state.resolve("workloads");
  }

  public Path logs() {
    return state.resolve("logs");
  }
}
