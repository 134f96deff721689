/** The delivery rules of SwiftDeploy: no I/O, no client, no threshold. */
module dev.swiftdeploy.core {
  requires static org.jspecify;
  requires transitive com.fasterxml.jackson.databind;
  requires com.fasterxml.jackson.datatype.jdk8;
  requires com.fasterxml.jackson.datatype.jsr310;
  requires org.apache.commons.statistics.distribution;

  exports dev.swiftdeploy.core.spec;
  exports dev.swiftdeploy.core.release;
  exports dev.swiftdeploy.core.platform;
  exports dev.swiftdeploy.core.admission;
  exports dev.swiftdeploy.core.evidence;
  exports dev.swiftdeploy.core.audit;
  exports dev.swiftdeploy.core.plan;
  exports dev.swiftdeploy.core.loop;
  exports dev.swiftdeploy.core.status;
  exports dev.swiftdeploy.core.report;

  opens dev.swiftdeploy.core.spec to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.release to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.platform to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.admission to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.evidence to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.audit to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.plan to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.status to
      com.fasterxml.jackson.databind;
  opens dev.swiftdeploy.core.report to
      com.fasterxml.jackson.databind;
}
