package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/**
 * One record of a resource's audit chain, named {@code <uid>-<seq>}: creating it is the
 * compare-and-swap that a second writer loses. No owner: it outlives its resource.
 */
@JsonClassDescription(
    "One record of the audit chain of a SwiftDeploy resource. It outlives that resource.")
@Group(SwiftDeployResource.GROUP)
@Version(SwiftDeployResource.VERSION)
@Kind("Transition")
@Singular("transition")
@Plural("transitions")
@ShortNames("tr")
@ValidationRule(
    value =
        "self.metadata.name.startsWith(self.spec.uid + '-')"
            + " && self.metadata.name.matches(r'-[1-9][0-9]*$')"
            + " && int(self.metadata.name.substring(self.spec.uid.size() + 1)) == self.spec.seq",
    message = "metadata.name is not that of the record: name it <spec.uid>-<spec.seq>")
@ValidationRule(
    value =
        "!has(oldSelf.status) || !has(oldSelf.status.outcomeLine)"
            + " || (has(self.status) && has(self.status.outcomeLine)"
            + " && self.status.outcomeLine == oldSelf.status.outcomeLine)",
    message = "status.outcomeLine is written once: leave it as it is")
@AdditionalPrinterColumn(name = "Resource", jsonPath = ".spec.resource")
@AdditionalPrinterColumn(
    name = "Seq",
    jsonPath = ".spec.seq",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Type", jsonPath = ".spec.type")
@AdditionalPrinterColumn(name = "Kind", jsonPath = ".spec.kind")
@AdditionalPrinterColumn(name = "To", jsonPath = ".spec.to")
@AdditionalPrinterColumn(name = "Verdict", jsonPath = ".spec.verdict")
@AdditionalPrinterColumn(name = "Outcome", jsonPath = ".status.outcome")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "From", jsonPath = ".spec.from", priority = 1)
@AdditionalPrinterColumn(name = "Message", jsonPath = ".spec.message", priority = 1)
public final class TransitionResource extends CustomResource<TransitionSpec, TransitionStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;
}
