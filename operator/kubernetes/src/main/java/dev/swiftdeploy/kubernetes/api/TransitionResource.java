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
 * compare-and-swap that a second writer loses. The number has ten digits, so that names sort as the
 * chain does. No owner: it outlives its resource.
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
            + " && self.metadata.name.matches(r'-[0-9]{10}$')"
            + " && int(self.metadata.name.substring(self.spec.uid.size() + 1)) == self.spec.seq",
    message =
        "metadata.name is not that of the record: name it <spec.uid>-<spec.seq>, the number with"
            + " ten digits")
@AdditionalPrinterColumn(name = "Resource", jsonPath = ".spec.resource")
@AdditionalPrinterColumn(
    name = "Seq",
    jsonPath = ".spec.seq",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Type", jsonPath = ".spec.type")
@AdditionalPrinterColumn(name = "Kind", jsonPath = ".spec.kind")
@AdditionalPrinterColumn(name = "To", jsonPath = ".spec.to")
@AdditionalPrinterColumn(name = "Verdict", jsonPath = ".spec.verdict")
@AdditionalPrinterColumn(name = "Outcome", jsonPath = ".spec.outcome")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "From", jsonPath = ".spec.from", priority = 1)
@AdditionalPrinterColumn(name = "Message", jsonPath = ".spec.message", priority = 1)
public final class TransitionResource extends CustomResource<TransitionSpec, Void>
    implements Namespaced {
  private static final long serialVersionUID = 1L;
}
