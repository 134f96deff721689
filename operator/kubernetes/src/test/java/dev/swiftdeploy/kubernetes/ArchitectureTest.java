package dev.swiftdeploy.kubernetes;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Kubernetes is one platform over the core: it sees no other one, and holds no delivery rule. */
@AnalyzeClasses(
    packages = "dev.swiftdeploy.kubernetes",
    importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
  @ArchTest
  static final ArchRule seesNoOtherPlatform =
      noClasses()
          .should()
          .dependOnClassesThat()
          .resideInAnyPackage("dev.swiftdeploy.local..", "dev.swiftdeploy.cli..");

  @ArchTest
  static final ArchRule plansNothing =
      noClasses()
          .should()
          .dependOnClassesThat()
          .haveFullyQualifiedName("dev.swiftdeploy.core.plan.Planner")
          .orShould()
          .dependOnClassesThat()
          .haveFullyQualifiedName("dev.swiftdeploy.core.plan.Convergence");

  @ArchTest
  static final ArchRule resourcesKnowNothingOfThePlatform =
      classes()
          .that()
          .resideInAPackage("dev.swiftdeploy.kubernetes.api")
          .should()
          .onlyDependOnClassesThat()
          .resideInAnyPackage(
              "dev.swiftdeploy.kubernetes.api",
              "dev.swiftdeploy.core.spec",
              "dev.swiftdeploy.adapters.manifest",
              "io.fabric8..",
              "com.fasterxml.jackson..",
              "org.jspecify.annotations",
              "java..");
}
