package dev.swiftdeploy.adapters.policy;

import java.io.IOException;
import java.util.OptionalInt;

/**
 * Runs OPA servers of our own on this machine, each with one bundle, known by its revision. Calls
 * come one at a time, but for {@link Server#running}.
 */
public interface OpaHost extends AutoCloseable {
  /** One that was started, or found again; whether it still runs is to be asked. */
  interface Server {
    /** Cheap. */
    boolean running();

    /** How it ended, where that is known. */
    OptionalInt exitCode();

    /** How it is reached. */
    OpaConnection connection();

    /** What it printed last, in one line; empty: nothing. */
    String lastWords();
  }

  /**
   * The server with this bundle: the one that runs, else a new one, which may not answer yet.
   *
   * @param revision the digest of its policy
   * @param bundle a bundle as OPA reads it; for a server found again its content is not looked at
   * @throws IOException if none could be started; the message says why and what to do
   */
  Server serve(String revision, OpaBundle bundle) throws IOException;

  /** Ends the server of this revision, if one runs: also one that doesn't answer any more. */
  void end(String revision);

  /** Ends every server but the one of this revision. */
  void keepOnly(String revision);

  /** Ends every server. */
  @Override
  void close();
}
