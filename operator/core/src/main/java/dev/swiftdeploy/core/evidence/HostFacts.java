package dev.swiftdeploy.core.evidence;

/** Port: reads facts about the machine, quickly. Adapters pass {@code HostFactsContract}. */
public interface HostFacts {
  Host read();
}
