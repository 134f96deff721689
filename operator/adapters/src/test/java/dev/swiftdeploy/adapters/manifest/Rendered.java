package dev.swiftdeploy.adapters.manifest;

import dev.swiftdeploy.core.spec.Durations;
import dev.swiftdeploy.core.spec.Resource;
import dev.swiftdeploy.core.spec.Spec;
import java.util.stream.Collectors;

/** A result as text, whole, for tests to compare. */
final class Rendered {
  private Rendered() {}

  static String text(ManifestResult result) {
    StringBuilder out = new StringBuilder();
    if (result instanceof ManifestResult.Manifest manifest) {
      manifest.resources().forEach(resource -> out.append(text(resource)));
    }
    result.problems().forEach(problem -> out.append(problem.text()).append('\n'));
    return out.toString();
  }

  static String text(Resource resource) {
    Spec spec = resource.spec();
    Spec.Services s = spec.services();
    Spec.Nginx n = spec.nginx();
    Spec.Canary c = spec.canary();
    StringBuilder out = new StringBuilder();
    line(out, resource.name() + " " + resource.labels());
    line(out, "  services " + s.image() + " " + s.command() + " port " + s.port());
    line(out, "    " + s.mode() + " version " + s.version() + " x" + s.replicas());
    line(out, "    env " + s.env() + " resources " + s.resources());
    line(
        out,
        "    health %s every %s within %s, restart %s"
            .formatted(
                s.health().path(),
                Durations.format(s.health().interval()),
                Durations.format(s.health().deadline()),
                s.restartPolicy()));
    line(
        out,
        "  nginx %s port %s proxy %s drain %s contact %s"
            .formatted(
                n.image(),
                n.port(),
                Durations.format(n.proxyTimeout()),
                Durations.format(n.drainTimeout()),
                n.contact().map(Object::toString).orElse("-")));
    line(out, "  network " + spec.network().name() + " " + spec.network().driverType());
    line(
        out,
        "  canary %s every %s over %s probe %s header %s"
            .formatted(
                c.steps().stream()
                    .map(step -> step.weight() + "%/" + Durations.format(step.hold()))
                    .collect(Collectors.joining(" ", "[", "]")),
                Durations.format(c.analysisInterval()),
                Durations.format(c.analysisWindow()),
                c.probe().map(p -> p.path() + " " + p.requestsPerSecond() + "/s").orElse("-"),
                c.header().map(Object::toString).orElse("-")));
    line(
        out,
        "  policy %s %s %s %s"
            .formatted(
                spec.policy().engine(),
                spec.policy().url().orElse("-"),
                spec.policy().directory().orElse("-"),
                spec.policy().thresholds()));
    line(out, "  paused " + spec.paused());
    return out.toString();
  }

  private static void line(StringBuilder out, String line) {
    out.append(line).append('\n');
  }
}
