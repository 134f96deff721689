package dev.swiftdeploy.local.daemon;

import dev.swiftdeploy.core.spec.Resource;
import java.util.List;
import java.util.Optional;

/** Where the daemon learns what is declared. */
public interface ManifestSource {
  /** What changed since the last call; empty: nothing. Quick. */
  Optional<Seen> poll();

  /** A change of the manifest. */
  sealed interface Seen {}

  /** It can be taken; warnings are lines for people. */
  record Good(List<Resource> resources, List<String> warnings, String text) implements Seen {}

  /** It can't be taken: the last good state stays. */
  record Bad(List<String> problems) implements Seen {}

  /** The file is gone. Never a teardown: the last good state stays. */
  record Gone() implements Seen {}
}
