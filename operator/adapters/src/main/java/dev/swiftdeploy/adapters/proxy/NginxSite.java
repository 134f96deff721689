package dev.swiftdeploy.adapters.proxy;

import dev.swiftdeploy.core.spec.InvalidValue;
import dev.swiftdeploy.core.spec.Port;
import java.util.Optional;

/**
 * Where an nginx runs; together with a {@link ProxyConfig} it determines nginx.conf.
 *
 * @param listen on which address the published port is opened
 * @param directory for the pid file and nginx's temporary folders; it must exist and be writable
 * @param logs the folder of access.log and error.log; empty: stdout and stderr, as in a container
 * @param adminSocket a unix socket on which the digest of the active configuration is told to
 *     whoever may open it; at most 107 bytes, the kernel's limit
 * @param adminPort the same on a TCP port, for an nginx in a container, whose network decides who
 *     reaches it; it is not the published one
 * @param user and group of the worker processes, {@code nobody nogroup}; only root can choose
 */
public record NginxSite(
    ListenAddress listen,
    NginxPath directory,
    Optional<NginxPath> logs,
    Optional<NginxPath> adminSocket,
    Optional<Port> adminPort,
    Optional<WorkerUser> user) {

  /** One without an admin port. */
  public NginxSite(
      ListenAddress listen,
      NginxPath directory,
      Optional<NginxPath> logs,
      Optional<NginxPath> adminSocket,
      Optional<WorkerUser> user) {
    this(listen, directory, logs, adminSocket, Optional.empty(), user);
  }

  /** An account for worker processes. */
  public record WorkerUser(String name, String group) {
    public WorkerUser {
      requireAccountName(name);
      requireAccountName(group);
    }

    private static void requireAccountName(String name) {
      if (!name.matches("[a-z_][a-z0-9_-]{0,31}")) {
        throw new InvalidValue("not the name of an account");
      }
    }
  }
}
