package dev.swiftdeploy.kubernetes.faults;

import dev.swiftdeploy.core.plan.TransitionKind;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;

/**
 * One transition of a story in which each kind has its turn.
 *
 * @param asked what a person does for it
 * @param end whether all is as it should be after it
 */
record Turn(TransitionKind kind, Consumer<WatchedShop> asked, Predicate<WatchedShop> end) {
  /** Each follows the one before. */
  static final List<Turn> STORY =
      List.of(
          new Turn(
              TransitionKind.DEPLOY,
              shop -> shop.declare("1.0.0"),
              shop -> shop.settled() && shop.serves("1.0.0", "")),
          new Turn(
              TransitionKind.CANARY,
              shop -> {
                shop.mode = "canary";
                shop.hold = "3600s";
                shop.declare("2.0.0");
              },
              shop ->
                  shop.serves("1.0.0", "2.0.0")
                      && shop.told().contains("step=1/2")
                      && shop.toldDone()),
          new Turn(
              TransitionKind.ADVANCE,
              shop -> {
                shop.hold = "1s";
                shop.declare();
              },
              shop ->
                  shop.serves("1.0.0", "2.0.0")
                      && shop.told().contains("step=2/2")
                      && shop.toldDone()),
          new Turn(
              TransitionKind.PROMOTE,
              shop -> {
                shop.mode = "stable";
                shop.declare();
              },
              shop -> shop.settled() && shop.serves("2.0.0", "")),
          new Turn(
              TransitionKind.CONFIGURE,
              shop -> {
                shop.replicas = 2;
                shop.declare();
              },
              shop -> shop.settled() && shop.status().orElseThrow().stable().ready() == 2),
          new Turn(
              TransitionKind.ROLLBACK,
              shop -> shop.ask("rollback", "it is slow"),
              shop ->
                  shop.serves("1.0.0", "")
                      && shop.condition("Reconciling").equals("False")
                      && shop
                          .history
                          .resource()
                          .orElseThrow()
                          .getMetadata()
                          .getAnnotations()
                          .keySet()
                          .stream()
                          .noneMatch("swiftdeploy.dev/rollback"::equals)),
          new Turn(TransitionKind.TEARDOWN, WatchedShop::delete, WatchedShop::gone));

  static TransitionKind[] kinds() {
    return STORY.stream().map(Turn::kind).toArray(TransitionKind[]::new);
  }

  /** It is on record as done, and shows. */
  boolean over(WatchedShop shop) {
    return shop.history.ended(kind.word()) == 1 && end.test(shop);
  }
}
