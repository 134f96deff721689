package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.release.Workload;

/**
 * A workload's part in a route.
 *
 * @param weight share of the traffic in percent, 0 to 100; the weights of a route add up to 100
 * @param replicas how many of its instances, slots 0 to replicas-1, take traffic
 */
public record Backend(Workload workload, int weight, int replicas) {}
