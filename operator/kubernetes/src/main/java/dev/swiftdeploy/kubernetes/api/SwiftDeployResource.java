package dev.swiftdeploy.kubernetes.api;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import io.fabric8.crd.generator.annotation.AdditionalPrinterColumn;
import io.fabric8.generator.annotation.ValidationRule;
import io.fabric8.kubernetes.api.model.Namespaced;
import io.fabric8.kubernetes.client.CustomResource;
import io.fabric8.kubernetes.model.annotation.Categories;
import io.fabric8.kubernetes.model.annotation.Group;
import io.fabric8.kubernetes.model.annotation.Kind;
import io.fabric8.kubernetes.model.annotation.Plural;
import io.fabric8.kubernetes.model.annotation.ShortNames;
import io.fabric8.kubernetes.model.annotation.Singular;
import io.fabric8.kubernetes.model.annotation.Version;

/** A service, and the policy-gated way in which its releases are delivered. */
@JsonClassDescription(
    "A service that is delivered by SwiftDeploy: no release of it ships without a recorded permission of policy.")
@Group(SwiftDeployResource.GROUP)
@Version(SwiftDeployResource.VERSION)
@Kind("SwiftDeploy")
@Singular("swiftdeploy")
@Plural("swiftdeploys")
@ShortNames("sd")
@Categories("all")
@ValidationRule(
    value =
        "self.metadata.name.size() <= 63"
            + " && self.metadata.name.matches(r'^[a-z0-9]([-a-z0-9]*[a-z0-9])?$')",
    message =
        "metadata.name is not a DNS-1123 name: lower-case letters, digits and -, at most 63,"
            + " starting and ending with a letter or digit")
@AdditionalPrinterColumn(
    name = "Ready",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].status")
@AdditionalPrinterColumn(name = "Mode", jsonPath = ".spec.services.mode")
@AdditionalPrinterColumn(name = "Version", jsonPath = ".status.version")
@AdditionalPrinterColumn(
    name = "Weight",
    jsonPath = ".status.weight",
    type = AdditionalPrinterColumn.Type.INTEGER)
@AdditionalPrinterColumn(name = "Verdict", jsonPath = ".status.verdict")
@AdditionalPrinterColumn(
    name = "Reason",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].reason")
@AdditionalPrinterColumn(
    name = "Age",
    jsonPath = ".metadata.creationTimestamp",
    type = AdditionalPrinterColumn.Type.DATE)
@AdditionalPrinterColumn(name = "Image", jsonPath = ".spec.services.image", priority = 1)
@AdditionalPrinterColumn(name = "Step", jsonPath = ".status.step", priority = 1)
@AdditionalPrinterColumn(
    name = "Message",
    jsonPath = ".status.conditions[?(@.type==\"Ready\")].message",
    priority = 1)
public final class SwiftDeployResource extends CustomResource<SwiftDeploySpec, SwiftDeployStatus>
    implements Namespaced {
  private static final long serialVersionUID = 1L;

  /** The API group of all resources of SwiftDeploy. */
  public static final String GROUP = "swiftdeploy.dev";

  /** The version that the manifest names. */
  public static final String VERSION = "v1alpha1";
}
