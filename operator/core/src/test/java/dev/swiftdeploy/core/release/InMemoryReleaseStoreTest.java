package dev.swiftdeploy.core.release;

class InMemoryReleaseStoreTest extends ReleaseStoreContract {
  private final InMemoryReleaseStore memory = new InMemoryReleaseStore();

  @Override
  protected ReleaseStore open() {
    return memory;
  }
}
