package dev.swiftdeploy.core;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.lang.conditions.ArchConditions.onlyDependOnClassesThat;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.base.DescribedPredicate;
import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import com.tngtech.archunit.lang.conditions.ArchConditions;
import dev.swiftdeploy.core.audit.HeldGrant;
import dev.swiftdeploy.core.audit.Permission;
import dev.swiftdeploy.core.audit.StateFold;
import java.time.Clock;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.Timer;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The delivery rules do no I/O, know no clock but the one they are given, and no client. */
@AnalyzeClasses(
    packages = "dev.swiftdeploy.core",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  private static final String CORE = "dev.swiftdeploy.core.";

  /** The exceptions that Jackson's serializers declare; nothing is read or written by them. */
  private static final Set<String> DECLARED = Set.of("java.io.IOException", "java.io.Serializable");

  @ArchTest
  static final ArchRule noInputOrOutput =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAnyPackage(
                      "java.io..", "java.nio.file..", "java.nio.channels..", "java.net..")
                  .and(describe("are more than declared", c -> !DECLARED.contains(c.getName()))));

  @ArchTest
  static final ArchRule noThreadsNoProcesses =
      noClasses()
          .should()
          .dependOnClassesThat(
              resideInAPackage("java.util.concurrent..")
                  .or(named(Thread.class, ThreadLocal.class, Process.class, ProcessBuilder.class))
                  .or(named(ProcessHandle.class, Runtime.class, Timer.class)));

  @ArchTest
  static final ArchRule noClockOfItsOwn =
      noClasses()
          .should()
          .callMethod(System.class, "currentTimeMillis")
          .orShould()
          .callMethod(System.class, "nanoTime")
          .orShould()
          .callMethod(Instant.class, "now")
          .orShould()
          .callMethod(Clock.class, "systemUTC")
          .orShould()
          .callMethod(Clock.class, "systemDefaultZone")
          .orShould()
          .callMethod(LocalDate.class, "now")
          .orShould()
          .callMethod(LocalDateTime.class, "now")
          .orShould()
          .callMethod(ZonedDateTime.class, "now");

  @ArchTest
  static final ArchRule noSettingsOfTheMachine =
      noClasses()
          .should()
          .callMethod(System.class, "getenv", String.class)
          .orShould()
          .callMethod(System.class, "getProperty", String.class)
          .orShould()
          .callMethod(System.class, "exit", int.class)
          .orShould()
          .accessField(System.class, "out")
          .orShould()
          .accessField(System.class, "err");

  @ArchTest
  static final ArchRule noChance =
      noClasses()
          .should()
          .dependOnClassesThat(named(Random.class, UUID.class))
          .orShould()
          .callMethod(Math.class, "random");

  /** Every effect rests on a permission, and only the fold of the chain makes one. */
  @ArchTest
  static final ArchRule onlyTheChainGivesPermission =
      noClasses()
          .that(
              describe(
                  "are not the fold, nor what it holds",
                  c ->
                      !c.isEquivalentTo(StateFold.class)
                          && !c.isEquivalentTo(HeldGrant.class)
                          && !c.isEquivalentTo(Permission.class)))
          .should()
          .callConstructor(Permission.class, String.class, long.class);

  @ArchTest
  static final ArchRule nothingButTheJdkAndJackson =
      classes()
          .should(
              onlyDependOnClassesThat(
                  resideInAnyPackage(
                      "dev.swiftdeploy.core..",
                      "java..",
                      "com.fasterxml.jackson..",
                      "org.jspecify.annotations..",
                      "org.apache.commons.statistics..")));

  /** Confidence bounds come from a library for them, and from nowhere else. */
  @ArchTest
  static final ArchRule onlyEvidenceKnowsStatistics =
      noClasses()
          .that()
          .resideOutsideOfPackage(CORE + "evidence")
          .should()
          .dependOnClassesThat(resideInAPackage("org.apache.commons.."));

  /** What each package may know; {@code docs/architecture.md} says why. */
  private static final Map<String, List<String>> KNOWS =
      Map.of(
          "spec", List.of(),
          "release", List.of("spec"),
          "platform", List.of("spec", "release", "audit"),
          "evidence", List.of("spec", "release", "platform"),
          "admission", List.of("spec", "release", "platform", "evidence", "audit", "plan"),
          "audit", List.of("spec", "release", "platform", "admission", "plan"),
          "plan", List.of("spec", "release", "platform", "admission", "audit"),
          "loop", List.of("spec", "release", "platform", "evidence", "admission", "audit", "plan"),
          "status",
              List.of(
                  "spec", "release", "platform", "evidence", "admission", "audit", "plan", "loop"),
          "report", List.of("spec", "release", "platform", "admission", "audit", "plan", "loop"));

  @ArchTest
  static void eachPackageKnowsOnlyWhatItMay(JavaClasses all) {
    KNOWS.forEach(
        (name, known) -> {
          String[] allowed =
              Stream.concat(known.stream(), Stream.of(name))
                  .map(n -> CORE + n)
                  .toArray(String[]::new);
          classes()
              .that()
              .resideInAPackage(CORE + name)
              .should(
                  onlyDependOnClassesThat(
                      describe(
                          "are outside of core or in " + List.of(allowed),
                          c ->
                              !c.getPackageName().startsWith(CORE)
                                  || List.of(allowed).contains(c.getPackageName()))))
              .check(all);
        });
  }

  @ArchTest
  static final ArchRule noOtherPackages =
      classes()
          .should(
              ArchConditions.resideInAnyPackage(
                  KNOWS.keySet().stream().map(n -> CORE + n).toArray(String[]::new)));

  private static DescribedPredicate<JavaClass> named(Class<?>... types) {
    Set<String> names = Arrays.stream(types).map(Class::getName).collect(Collectors.toSet());
    return describe("are one of " + names, c -> names.contains(c.getName()));
  }
}
