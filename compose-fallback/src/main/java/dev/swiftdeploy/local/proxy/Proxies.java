package dev.swiftdeploy.local.proxy;

import dev.swiftdeploy.adapters.proxy.ListenAddress;
import dev.swiftdeploy.adapters.proxy.NginxPath;
import dev.swiftdeploy.core.loop.CrashPoints;
import dev.swiftdeploy.core.platform.PlatformException;
import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.local.process.DetachedProcess;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Which proxy a machine gets: nginx where there is one, else the embedded one. */
public final class Proxies {
  /** Names the nginx to use; {@code none} for the embedded proxy, whatever is on the PATH. */
  public static final String NGINX_VARIABLE = "SWIFTDEPLOY_NGINX";

  private static final String NONE = "none";

  private Proxies() {}

  /**
   * Chooses by the environment; but one that runs stays what it is: it is never abandoned for one
   * of the other kind.
   *
   * @param directory where the proxies keep their state, each in a folder of its own
   * @throws PlatformException if {@link #NGINX_VARIABLE} names something that is no nginx
   */
  public static Proxy choose(
      Path directory,
      ListenAddress listen,
      Map<String, String> environment,
      CrashPoints crashPoints) {
    Path nginxFolder = directory.resolve(NginxProxy.NAME);
    Path embeddedFolder = directory.resolve(EmbeddedProxy.NAME);
    Optional<Path> nginx = nginx(environment).filter(program -> canStandInConf(nginxFolder));
    if (runs(nginxFolder) || (nginx.isPresent() && !runs(embeddedFolder))) {
      // where it was uninstalled meanwhile, what runs is still seen, and can be removed
      Path program = nginx.orElse(Path.of(NginxProxy.NAME));
      return new NginxProxy(program, nginxFolder, listen, environment, crashPoints);
    }
    return new EmbeddedProxy(embeddedFolder, listen, environment, crashPoints);
  }

  private static boolean runs(Path folder) {
    return DetachedProcess.find(folder.resolve(StateFolder.PID_FILE)).isPresent();
  }

  private static boolean canStandInConf(Path folder) {
    try {
      return !new NginxPath(folder.toAbsolutePath().toString()).value().isEmpty();
    } catch (InvalidValue e) {
      return false;
    }
  }

  private static Optional<Path> nginx(Map<String, String> environment) {
    String named = environment.getOrDefault(NGINX_VARIABLE, "");
    if (named.equals(NONE)) {
      return Optional.empty();
    }
    if (named.isEmpty()) {
      return onPath(environment).filter(Proxies::isNginx);
    }
    return Optional.of(
        Optional.of(Path.of(named))
            .filter(Proxies::isNginx)
            .orElseThrow(
                () ->
                    new PlatformException(
                        NGINX_VARIABLE + "=" + named + " is not an nginx that runs",
                        "correct it, or unset it to take the nginx on the PATH or none")));
  }

  private static Optional<Path> onPath(Map<String, String> environment) {
    return Stream.of(environment.getOrDefault("PATH", "").split(File.pathSeparator, -1))
        .filter(folder -> !folder.isEmpty())
        .map(folder -> Path.of(folder, NginxProxy.NAME))
        .filter(program -> Files.isRegularFile(program) && Files.isExecutable(program))
        .findFirst();
  }

  private static boolean isNginx(Path program) {
    try {
      Process process =
          new ProcessBuilder(program.toString(), "-v").redirectErrorStream(true).start();
      String said = new String(process.getInputStream().readNBytes(200), StandardCharsets.UTF_8);
      return process.waitFor(5, TimeUnit.SECONDS) && said.contains("nginx version: ");
    } catch (IOException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
