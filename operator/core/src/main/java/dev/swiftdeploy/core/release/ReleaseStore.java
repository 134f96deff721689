package dev.swiftdeploy.core.release;

import java.util.Optional;

/**
 * Port: keeps full releases (with env values, which no record holds) so that one can be started
 * again by its id. A release is put durably before the decision that admits it is recorded.
 */
public interface ReleaseStore {
  /** Keeps it durably; the same release twice is no change. */
  void put(Release release);

  Optional<Release> get(ReleaseId id);
}
