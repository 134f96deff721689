package dev.swiftdeploy.core.release;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Passes {@code ReleaseStoreContract}; gone with the test. */
public final class InMemoryReleaseStore implements ReleaseStore {
  private final Map<ReleaseId, Release> releases = new HashMap<>();

  public InMemoryReleaseStore() {}

  @Override
  public void put(Release release) {
    releases.put(release.id(), release);
  }

  @Override
  public Optional<Release> get(ReleaseId id) {
    return Optional.ofNullable(releases.get(id));
  }
}
