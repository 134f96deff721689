package dev.swiftdeploy.local.compose;

import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.local.files.LastLine;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What docker prints when something is wrong, as one sentence and what to do. */
final class EngineTrouble {
  private EngineTrouble() {}

  /**
   * A known trouble.
   *
   * @param sign what docker's words for it hold; its group, if any, is {@code %s} in the others
   */
  private record Known(Pattern sign, String message, String fix) {}

  private static final String INSTALL_COMPOSE =
      "install Compose v2, the package docker-compose-plugin (https://docs.docker.com/compose/install/);"
          + " the old docker-compose command alone does not do";

  private static final List<Known> KNOWN =
      List.of(
          new Known(
              sign("permission denied.*(?:docker.?daemon|docker API|docker\\.sock)"),
              "this user may not use the Docker engine",
              "add it to the group docker: sudo usermod -aG docker \"$USER\", then log in again"),
          new Known(
              sign(
                  "Cannot connect to the Docker daemon|Is the docker daemon running|error during"
                      + " connect|failed to connect to the docker API|docker daemon is not running"),
              "the Docker engine does not run",
              "start it (sudo systemctl start docker, or Docker Desktop), or say in DOCKER_HOST"
                  + " where it is"),
          new Known(
              sign(
                  "'compose' is not a docker command|unknown command: docker compose|unknown"
                      + " (?:shorthand )?flag"),
              "Docker has no Compose v2",
              INSTALL_COMPOSE),
          new Known(
              sign(
                  "Bind for \\S*?:(\\d+) failed: port is already allocated|listen tcp4?"
                      + " \\S*?:(\\d+): bind: address already in use"),
              "port %s is taken",
              "stop what listens there (docker ps tells if it is a container), or set another"
                  + " nginx.port in the manifest"),
          new Known(
              sign(
                  "(?:No such image: ?|pull access denied for |manifest for |Unable to find image"
                      + " ')(\\S*[^\\s,'])"),
              "the image %s is not in the Docker engine, and can't be pulled",
              "build or pull it: docker pull %s"),
          new Known(
              sign("network (\\S+) was found but has incorrect label"),
              "the network %s is there, and was not made for this",
              "set another network.name in the manifest, or remove that one: docker network rm %s"),
          new Known(
              sign("no space left on device"),
              "the Docker engine's disk is full",
              "make room: docker system df tells what takes it"));

  private static Pattern sign(String text) {
    return Pattern.compile(text, Pattern.CASE_INSENSITIVE);
  }

  /** Composes it. */
  static PlatformException of(String doing, String said) {
    for (Known known : KNOWN) {
      Matcher matcher = known.sign().matcher(said);
      if (matcher.find()) {
        String what = group(matcher);
        return new PlatformException(
            known.message().replace("%s", what), known.fix().replace("%s", what));
      }
    }
    return new PlatformException(
        "could not " + doing + ": " + LastLine.of(said).orElse("docker said nothing"),
        "correct that; it is tried again");
  }

  /** Compose is there, and is a version that does not do. */
  static PlatformException oldCompose(String version) {
    return new PlatformException("Compose " + version + " is too old", INSTALL_COMPOSE);
  }

  private static String group(Matcher matcher) {
    for (int i = 1; i <= matcher.groupCount(); i++) {
      if (matcher.group(i) != null) {
        return matcher.group(i);
      }
    }
    return "";
  }
}
