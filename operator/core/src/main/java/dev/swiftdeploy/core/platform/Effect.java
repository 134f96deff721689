package dev.swiftdeploy.core.platform;

import dev.swiftdeploy.core.release.Workload;

/**
 * One idempotent act on a platform. Applying it again, or after a crash in the middle of it, does
 * no harm. Waiting (for health, for drain) is never part of an effect: it is seen by observing.
 */
public sealed interface Effect {

  /** For plans and people: {@code start stable-3f2a9c01b7de (2 replicas)}. */
  String text();

  /** Has a platform bring it about. */
  <X extends Exception> void on(Effects<X> platform) throws X;

  /** Starts what is missing of slots 0 to replicas-1; leaves running instances alone. */
  record StartWorkload(Workload workload, int replicas) implements Effect {
    @Override
    public String text() {
      return "start " + workload + " (" + replicas + (replicas == 1 ? " replica)" : " replicas)");
    }

    @Override
    public <X extends Exception> void on(Effects<X> platform) throws X {
      platform.start(workload, replicas);
    }
  }

  /** Ends an instance that runs but does not answer, so that it is started anew. */
  record RestartInstance(Workload workload, int slot) implements Effect {
    @Override
    public String text() {
      return "restart " + workload + "/" + slot;
    }

    @Override
    public <X extends Exception> void on(Effects<X> platform) throws X {
      platform.restart(workload, slot);
    }
  }

  /** Removes instances of slots {@code replicas} and up. */
  record ScaleDown(Workload workload, int replicas) implements Effect {
    @Override
    public String text() {
      return "scale " + workload + " down to " + replicas;
    }

    @Override
    public <X extends Exception> void on(Effects<X> platform) throws X {
      platform.scaleDown(workload, replicas);
    }
  }

  /**
   * Makes the proxy route so, starting it if need be; the configuration is checked before it takes
   * effect, and the last good one goes on if it is refused. Requests in flight are not cut.
   */
  record SetRoute(Route route) implements Effect {
    @Override
    public String text() {
      return "route " + route.label();
    }

    @Override
    public <X extends Exception> void on(Effects<X> platform) throws X {
      platform.route(route);
    }
  }

  /** Takes the proxy away; requests in flight may finish within the drain timeout. */
  record RemoveRoute() implements Effect {
    @Override
    public String text() {
      return "remove the route";
    }

    @Override
    public <X extends Exception> void on(Effects<X> platform) throws X {
      platform.removeRoute();
    }
  }

  /** Stops all instances of a workload (asked to end, then killed after a grace) and forgets it. */
  record RemoveWorkload(Workload workload) implements Effect {
    @Override
    public String text() {
      return "remove " + workload;
    }

    @Override
    public <X extends Exception> void on(Effects<X> platform) throws X {
      platform.remove(workload);
    }
  }
}
