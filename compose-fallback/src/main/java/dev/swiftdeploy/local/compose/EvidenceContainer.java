package dev.swiftdeploy.local.compose;

import java.util.List;
import java.util.Optional;

/** The container through which instances are asked, and the way that leads through it. */
final class EvidenceContainer {
  private final ProjectFiles files;
  private final EvidenceWay way;

  EvidenceContainer(ProjectFiles files, EvidenceWay way) {
    this.files = files;
    this.way = way;
  }

  /** The way itself, for those who ask. */
  EvidenceWay way() {
    return way;
  }

  /** Starts the container evidence, where it isn't reachable: anew, as its network may be. */
  void start(List<Container> all) {
    String network = files.project().network().name().value();
    if (Seen.find(all, Container.EVIDENCE).filter(c -> c.reachable(network)).isEmpty()) {
      files.upAnew("start the way to instances", List.of(Container.EVIDENCE));
    }
  }

  /** Finds the port at which the container evidence answers now; whether it runs. */
  boolean open(List<Container> all) {
    String network = files.project().network().name().value();
    Optional<Integer> port =
        Seen.find(all, Container.EVIDENCE)
            .filter(c -> c.reachable(network))
            .map(c -> c.ports().get(ComposeSite.EVIDENCE_PORT + "/tcp"));
    port.ifPresentOrElse(way::leadsTo, way::leadsNowhere);
    return port.isPresent();
  }
}
