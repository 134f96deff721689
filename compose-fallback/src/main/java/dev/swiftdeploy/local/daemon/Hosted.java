package dev.swiftdeploy.local.daemon;

import dev.swiftdeploy.core.audit.Actor;
import dev.swiftdeploy.core.loop.Declared;
import dev.swiftdeploy.core.loop.Next;
import dev.swiftdeploy.core.loop.ReleaseLoop;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.Spec;
import java.time.Instant;
import java.util.OptionalLong;

/** One resource that the daemon keeps: its loop, what is declared, when it is due. */
final class Hosted {
  private final LocalResource parts;
  private final ReleaseLoop loop;
  private Declared declared;
  private Instant due = Instant.MIN;
  private boolean settled;

  Hosted(LocalResource parts, Resource resource, Actor actor) {
    this.parts = parts;
    this.loop = new ReleaseLoop(resource.name(), parts.ports());
    this.declared = declare(resource, actor);
  }

  private static Declared declare(Resource resource, Actor actor) {
    return new Declared(resource, OptionalLong.empty(), false, actor);
  }

  /** Takes what is declared now; whether that is a change. */
  boolean declareAnew(Resource resource, Actor actor) {
    Declared fresh = declare(resource, actor);
    boolean changed = !fresh.equals(declared);
    declared = fresh;
    if (changed) {
      wake();
    }
    return changed;
  }

  ReleaseLoop loop() {
    return loop;
  }

  LocalResource parts() {
    return parts;
  }

  Resource resource() {
    return declared.resource();
  }

  /** Whether that resource names the same engine and policies; else it needs other parts. */
  boolean judgedAs(Resource other) {
    Spec.Policy now = declared.resource().spec().policy();
    Spec.Policy then = other.spec().policy();
    return now.engine() == then.engine()
        && now.url().equals(then.url())
        && now.directory().equals(then.directory());
  }

  /** Policy is asked again in the next tick, whatever its back-off. */
  void askAgain() {
    loop.askAgain();
    wake();
  }

  /** A person looks: see {@link ReleaseLoop#look}. */
  void look(boolean keep) {
    loop.look(keep);
    wake();
  }

  void later(Instant at) {
    due = at;
  }

  void wake() {
    due = Instant.MIN;
  }

  boolean due(Instant now) {
    return !now.isBefore(due);
  }

  Instant due() {
    return due;
  }

  void tick(Instant now) {
    Next next = loop.tick(declared);
    settled = next.settled();
    due = now.plus(next.after());
  }

  boolean settled() {
    return settled;
  }
}
