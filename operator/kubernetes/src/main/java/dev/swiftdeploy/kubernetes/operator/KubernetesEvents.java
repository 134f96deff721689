package dev.swiftdeploy.kubernetes.operator;

import dev.swiftdeploy.core.loop.Event;
import dev.swiftdeploy.core.release.Digests;
import dev.swiftdeploy.kubernetes.api.Conflicts;
import dev.swiftdeploy.kubernetes.api.SwiftDeployResource;
import dev.swiftdeploy.kubernetes.platform.KubernetesSite;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.temporal.ChronoUnit;
import java.util.function.Consumer;

/**
 * Makes what happens Events of the resource. The same once more is the same Event, counted. They
 * are for people to read: that one can't be written holds nothing up.
 */
final class KubernetesEvents implements Consumer<Event> {
  private static final int LONGEST = 1024;
  private static final String PLANNED = "Planned";

  private final KubernetesClient client;
  private final KubernetesSite site;

  KubernetesEvents(KubernetesClient client, KubernetesSite site) {
    this.client = client;
    this.site = site;
  }

  @Override
  public void accept(Event event) {
    if (event.level() == Event.Level.DETAIL || event.reason().equals(PLANNED)) {
      return; // status and the log tell it; events are few, so that none is lost
    }
    io.fabric8.kubernetes.api.model.Event object = object(event);
    try {
      client.resource(object).create();
    } catch (KubernetesClientException e) {
      if (Conflicts.alreadyExists(e)) {
        again(object);
      }
    }
  }

  private void again(io.fabric8.kubernetes.api.model.Event object) {
    try {
      client
          .resource(object)
          .edit(
              there ->
                  new EventBuilder(there)
                      .withCount(there.getCount() == null ? 2 : there.getCount() + 1)
                      .withLastTimestamp(object.getLastTimestamp())
                      .build());
    } catch (KubernetesClientException e) {
      return; // for people to read: nothing rests on it
    }
  }

  private io.fabric8.kubernetes.api.model.Event object(Event event) {
    String at = event.at().truncatedTo(ChronoUnit.SECONDS).toString();
    String message =
        event.message().length() <= LONGEST
            ? event.message()
            : event.message().substring(0, LONGEST - 1) + "…";
    String name =
        site.resource()
            + "."
            + Digests.sha256(site.uid() + "/" + event.reason() + "/" + message).substring(0, 16);
    return new EventBuilder()
        .withNewMetadata()
        .withName(name)
        .withNamespace(site.namespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(SwiftDeployResource.GROUP + "/" + SwiftDeployResource.VERSION)
        .withKind("SwiftDeploy")
        .withName(site.resource().value())
        .withNamespace(site.namespace())
        .withUid(site.uid())
        .endInvolvedObject()
        .withType(event.level() == Event.Level.WARNING ? "Warning" : "Normal")
        .withReason(event.reason())
        .withMessage(message)
        .withCount(1)
        .withFirstTimestamp(at)
        .withLastTimestamp(at)
        .withReportingComponent("swiftdeploy")
        .withNewSource()
        .withComponent("swiftdeploy")
        .endSource()
        .build();
  }
}
