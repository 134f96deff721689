package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.core.release.Workload;
import dev.swiftdeploy.core.spec.ImageReference;
import dev.swiftdeploy.core.spec.ResourceName;
import dev.swiftdeploy.core.spec.Spec;
import java.nio.file.Path;

/**
 * Where one resource runs on a Docker engine.
 *
 * @param folder the manifest's
 * @param state the resource's own folder below it
 * @param prefix of the files beside the manifest: empty, or {@code demo.} where there are several
 * @param project Compose's name for it, and the beginning of its containers' names: no other
 *     resource of this engine has it
 * @param image of nginx, for the container through which evidence is read
 * @param network as declared
 */
public record ComposeSite(
    ResourceName resource,
    Path folder,
    Path state,
    String prefix,
    String project,
    ImageReference image,
    Spec.Network network) {
  private static final int LONGEST_NAME = 24;

  /** In a container, where its folder {@link #nginx} is. */
  static final String NGINX_FOLDER = "/etc/nginx/swiftdeploy";

  static final String LOG_FOLDER = "/var/log/swiftdeploy";
  static final int EVIDENCE_PORT = 9000;
  static final int OPA_PORT = 8181;

  public ComposeSite {
    folder = folder.toAbsolutePath().normalize();
    state = state.toAbsolutePath().normalize();
  }

  /**
   * Of a resource of a manifest.
   *
   * @param alone whether its generated files are named without it
   */
  public static ComposeSite of(
      ResourceName resource, Spec spec, Path folder, Path state, boolean alone) {
    String name = resource.value();
    String place = Digests.sha256(state.toAbsolutePath().normalize().toString()).substring(0, 6);
    return new ComposeSite(
        resource,
        folder,
        state,
        alone ? "" : name + ".",
        name.substring(0, Math.min(LONGEST_NAME, name.length())).replaceFirst("-+$", "")
            + "-"
            + place,
        spec.nginx().image(),
        spec.network());
  }

  /** The file that Compose is given. */
  Path file() {
    return state.resolve("docker-compose.yml");
  }

  /** What that file was rendered from. */
  Path projectFile() {
    return state.resolve("project.json");
  }

  /** Its copy beside the manifest, to be read and run by hand. */
  public Path publishedFile() {
    return folder.resolve(prefix + "docker-compose.yml");
  }

  /** The copy of nginx's configuration beside the manifest. */
  public Path publishedConfiguration() {
    return folder.resolve(prefix + "nginx.conf");
  }

  /** A folder and not a file is mounted: a file that is replaced would stay the old one inside. */
  Path nginx() {
    return state.resolve("nginx");
  }

  Path evidence() {
    return state.resolve("evidence");
  }

  /** nginx's access and error log. */
  Path logs() {
    return state.resolve("logs");
  }

  Path opa() {
    return state.resolve("opa");
  }

  Path releases() {
    return state.resolve("releases");
  }

  /** What is remembered of each instance. */
  Path instances() {
    return state.resolve("instances");
  }

  /** A path as the Compose file names it: relative to the manifest's folder. */
  String relative(Path path) {
    return "./" + folder.relativize(path);
  }

  static String service(Workload workload, int slot) {
    return workload.name() + "-" + slot;
  }

  /** A container's name, which is its host name in the network. */
  String container(String service) {
    return project + "-" + service;
  }
}
