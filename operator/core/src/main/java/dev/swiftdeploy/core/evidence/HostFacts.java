package dev.swiftdeploy.core.evidence;

/**
 * Port: reads facts about where a resource runs, quickly. Adapters for a machine pass {@code
 * HostFactsContract}.
 */
public interface HostFacts {
  Machines read();
}
