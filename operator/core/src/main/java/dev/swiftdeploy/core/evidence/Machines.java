package dev.swiftdeploy.core.evidence;

/** Where a resource runs, or would: this machine, or nodes of a cluster. */
public sealed interface Machines permits Host, Nodes {}
