package dev.swiftdeploy.core.evidence;

import java.util.OptionalDouble;
import java.util.OptionalLong;

/**
 * Facts about this machine. What can't be read is empty, never zero.
 *
 * @param diskFreeBytes that this user may still write where SwiftDeploy keeps its state
 * @param cpus available to this process
 * @param cpuLoad1m the plain 1-minute load average
 * @param memoryUsedPercent 0 to 100; memory that could be given to a new process counts as free
 */
public record Host(
    OptionalLong diskFreeBytes,
    OptionalLong diskTotalBytes,
    OptionalLong cpus,
    OptionalDouble cpuLoad1m,
    OptionalDouble memoryUsedPercent)
    implements Machines {}
