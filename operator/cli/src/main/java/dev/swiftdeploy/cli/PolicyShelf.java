package dev.swiftdeploy.cli;

import dev.swiftdeploy.adapters.policy.PolicyBundle;
import java.util.Optional;

/** Where the policies that decided are found. */
@FunctionalInterface
interface PolicyShelf {
  /** The policy of this digest; empty if it isn't kept. */
  Optional<PolicyBundle> read(String digest);
}
