"""Webhook configurations and validating policies (k8s.io/api `admissionregistration/v1`)."""

from typing import ClassVar

from machinery.api.meta.v1 import Condition, LabelSelector, ObjectMeta
from machinery.api.model import Bytes, Int32, Int64, Model, Object, field


class AuditAnnotation(Model):
    """A note that a policy leaves in the audit log."""

    key: str = field(1, "", required=True)
    """The note's name; in the log it stands behind the policy's name and a slash. Unique in the policy."""
    value_expression: str = field(2, "", required=True)
    """CEL for the note's text; null leaves it out."""


class ExpressionWarning(Model):
    """A CEL expression that does not fit the types it is used on."""

    field_ref: str = field(2, "", required=True)
    """The path of the expression, such as spec.validations[0].expression."""
    warning: str = field(3, "", required=True)
    """What the type check found, for people to read."""


class MatchCondition(Model):
    """A CEL condition that decides whether a webhook or policy looks at a request."""

    name: str = field(1, "", required=True)
    """A name for it, unique in the list."""
    expression: str = field(2, "", required=True)
    """CEL, true or false, over object, oldObject, request and authorizer: only if true is the request looked at."""


class Rule(Model):
    """API groups, versions and resources."""

    api_groups: tuple[str, ...] = field(1, (), list_type="atomic")
    """The API groups: "" for the core group, * for all."""
    api_versions: tuple[str, ...] = field(2, (), list_type="atomic")
    """The versions; * for all."""
    resources: tuple[str, ...] = field(3, (), list_type="atomic")
    """The plural names: pods, pods/log, */scale; * for all but subresources, */* for all."""
    scope: str | None = field(4, None)
    """Cluster for objects without a namespace, Namespaced for those with one, or * (the default) for both."""


class RuleWithOperations(Rule, inline=2):
    """Operations on resources."""

    operations: tuple[str, ...] = field(1, (), list_type="atomic")
    """CREATE, UPDATE, DELETE, CONNECT, or * for all."""


class NamedRuleWithOperations(RuleWithOperations, inline=2):
    """Operations on resources, perhaps only of certain names."""

    atomic: ClassVar[bool] = True
    resource_names: tuple[str, ...] = field(1, (), list_type="atomic")
    """Only objects of these names; all if empty."""


class MatchResources(Model):
    """Which requests a policy looks at."""

    atomic: ClassVar[bool] = True
    namespace_selector: LabelSelector | None = field(1, None)
    """Labels that the object's namespace, or the Namespace itself, must have; other cluster objects always match."""
    object_selector: LabelSelector | None = field(2, None)
    """Labels that the object, the new or the old one, must have. Default: all objects."""
    resource_rules: tuple[NamedRuleWithOperations, ...] = field(3, (), list_type="atomic")
    """Operations on resources: any of these matches."""
    exclude_resource_rules: tuple[NamedRuleWithOperations, ...] = field(4, (), list_type="atomic")
    """What is left out of resourceRules."""
    match_policy: str | None = field(7, None)
    """Equivalent (the default) sees the same objects in other versions too, Exact only those as written."""


class ServiceReference(Model):
    """The Service behind which a webhook listens."""

    namespace: str = field(1, "", required=True)
    """The service's namespace."""
    name: str = field(2, "", required=True)
    """The service's name."""
    path: str | None = field(3, None)
    """The path of the URL."""
    port: Int32 | None = field(4, None)
    """The port that speaks HTTPS. Default 443."""


class WebhookClientConfig(Model):
    """How to reach a webhook."""

    url: str | None = field(3, None)
    """An https URL without user, query or fragment. Set this or service."""
    service: ServiceReference | None = field(1, None)
    """A service of this cluster. Set this or url."""
    ca_bundle: Bytes = field(2, "")
    """The certificate authorities, as PEM, that vouch for the webhook; those of the system if not said."""


class MutatingWebhook(Model):
    """One webhook that may change objects on their way in."""

    name: str = field(1, "", required=True)
    """A full name such as images.example.com, unique in the list."""
    client_config: WebhookClientConfig = field(2, WebhookClientConfig, required=True)
    """Where it listens."""
    rules: tuple[RuleWithOperations, ...] = field(3, (), list_type="atomic")
    """What it is asked about: any of these, but never webhook configurations or policies."""
    failure_policy: str | None = field(4, None)
    """What happens when it cannot be asked: Fail (the default) refuses the request, Ignore goes on."""
    match_policy: str | None = field(9, None)
    """Equivalent (the default) sees the same objects in other versions too, Exact only those as written."""
    namespace_selector: LabelSelector | None = field(5, None)
    """Labels that the object's namespace, or the Namespace itself, must have; other cluster objects always match."""
    object_selector: LabelSelector | None = field(11, None)
    """Labels that the object, the new or the old one, must have. Default: all objects."""
    side_effects: str | None = field(6, None, required=True)
    """Whether it changes anything elsewhere: None, or NoneOnDryRun, which minds dry runs."""
    timeout_seconds: Int32 | None = field(7, None)
    """Seconds to wait for its answer, 1 to 30. Default 10."""
    admission_review_versions: tuple[str, ...] = field(8, (), required=True, list_type="atomic")
    """The versions of AdmissionReview that it understands; the first that the server knows too is used."""
    reinvocation_policy: str | None = field(10, None)
    """Whether to ask it again when others changed the object after it: Never (the default) or IfNeeded."""
    match_conditions: tuple[MatchCondition, ...] = field(
        12, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """It is only asked if all of these are true; at most 64."""


class MutatingWebhookConfiguration(Object):
    """Webhooks that may change objects on their way in."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "MutatingWebhookConfiguration", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    webhooks: tuple[MutatingWebhook, ...] = field(
        2, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """The webhooks, asked one after the other."""


class ParamKind(Model):
    """The kind that a policy takes its parameters from."""

    atomic: ClassVar[bool] = True
    api_version: str = field(1, "")
    """The group and version of that kind."""
    kind: str = field(2, "")
    """The kind."""


class ParamRef(Model):
    """The object, or objects, that hold a policy's parameters."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    """The object's name. Set this or selector."""
    namespace: str = field(2, "")
    """The object's namespace; that of the judged object if not said."""
    selector: LabelSelector | None = field(3, None)
    """Labels: the policy is applied once with each object that has them."""
    parameter_not_found_action: str | None = field(4, None)
    """What to do if there is no such object: Allow, or Deny, which follows failurePolicy."""


class TypeChecking(Model):
    """What the type check of a policy's expressions found."""

    expression_warnings: tuple[ExpressionWarning, ...] = field(1, (), list_type="atomic")
    """Where an expression does not fit its type."""


class Validation(Model):
    """One CEL expression that must be true, and what to say when it is not."""

    expression: str = field(1, "", required=True)
    """CEL over object, oldObject, request, params, namespaceObject, variables and authorizer; it must be true."""
    message: str = field(2, "")
    """What the user reads if it is false, on one line."""
    reason: str | None = field(3, None)
    """How it is refused: Unauthorized, Forbidden, Invalid (the default) or RequestEntityTooLarge."""
    message_expression: str = field(4, "")
    """CEL that makes the message; if it fails, or gives nothing, message is used."""


class Variable(Model):
    """A named CEL expression for use in others."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "", required=True)
    """A name for it; others read it as variables.NAME."""
    expression: str = field(2, "", required=True)
    """CEL for its value; it may use the variables before it."""


class ValidatingAdmissionPolicySpec(Model):
    """What a policy looks at and what it demands."""

    param_kind: ParamKind | None = field(1, None)
    """The kind of objects that parameters are taken from; none if not said."""
    match_constraints: MatchResources | None = field(2, None)
    """Required; policies and their bindings themselves are never judged."""
    validations: tuple[Validation, ...] = field(3, (), list_type="atomic")
    """What must be true. Needed unless there are auditAnnotations."""
    failure_policy: str | None = field(4, None)
    """What an error in the policy itself means: Fail (the default) or Ignore."""
    audit_annotations: tuple[AuditAnnotation, ...] = field(5, (), list_type="atomic")
    """Notes for the audit log."""
    match_conditions: tuple[MatchCondition, ...] = field(
        6, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """It only looks at requests for which all of these are true; at most 64."""
    variables: tuple[Variable, ...] = field(
        7, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """Values for use in the other expressions, reckoned when first needed."""


class ValidatingAdmissionPolicyStatus(Model):
    """What the server found out about a policy."""

    observed_generation: Int64 = field(1, 0)
    """The metadata.generation that the controller last acted on."""
    type_checking: TypeChecking | None = field(2, None)
    """What the type check found; not set while it is not done."""
    conditions: tuple[Condition, ...] = field(3, (), list_type="map", list_keys=("type",))
    """What else was noticed."""


class ValidatingAdmissionPolicy(Object):
    """CEL expressions that objects must satisfy on their way in."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "ValidatingAdmissionPolicy", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ValidatingAdmissionPolicySpec = field(2, ValidatingAdmissionPolicySpec)
    """Which requests, and what must be true of them. Nothing happens without a binding."""
    status: ValidatingAdmissionPolicyStatus = field(3, ValidatingAdmissionPolicyStatus)
    """Written by a controller after each change of the policy."""


class ValidatingAdmissionPolicyBindingSpec(Model):
    """The policy, the parameters, the scope and the actions of a binding."""

    policy_name: str = field(1, "")
    """The policy that shall hold. Required."""
    param_ref: ParamRef | None = field(2, None)
    """The parameters it shall hold with, if it takes any."""
    match_resources: MatchResources | None = field(3, None)
    """Narrows which requests it looks at; all that the policy itself matches if not said."""
    validation_actions: tuple[str, ...] = field(4, (), list_type="set")
    """What follows when it does not hold: Deny, Warn, Audit; not Deny together with Warn. Required."""


class ValidatingAdmissionPolicyBinding(Object):
    """Where a policy holds, with which parameters and consequences."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "ValidatingAdmissionPolicyBinding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ValidatingAdmissionPolicyBindingSpec = field(2, ValidatingAdmissionPolicyBindingSpec)
    """Which policy, where, and with what consequences."""


class ValidatingWebhook(Model):
    """One webhook that may refuse objects on their way in."""

    name: str = field(1, "", required=True)
    """A full name such as images.example.com, unique in the list."""
    client_config: WebhookClientConfig = field(2, WebhookClientConfig, required=True)
    """Where it listens."""
    rules: tuple[RuleWithOperations, ...] = field(3, (), list_type="atomic")
    """What it is asked about: any of these, but never webhook configurations or policies."""
    failure_policy: str | None = field(4, None)
    """What happens when it cannot be asked: Fail (the default) refuses the request, Ignore goes on."""
    match_policy: str | None = field(9, None)
    """Equivalent (the default) sees the same objects in other versions too, Exact only those as written."""
    namespace_selector: LabelSelector | None = field(5, None)
    """Labels that the object's namespace, or the Namespace itself, must have; other cluster objects always match."""
    object_selector: LabelSelector | None = field(10, None)
    """Labels that the object, the new or the old one, must have. Default: all objects."""
    side_effects: str | None = field(6, None, required=True)
    """Whether it changes anything elsewhere: None, or NoneOnDryRun, which minds dry runs."""
    timeout_seconds: Int32 | None = field(7, None)
    """Seconds to wait for its answer, 1 to 30. Default 10."""
    admission_review_versions: tuple[str, ...] = field(8, (), required=True, list_type="atomic")
    """The versions of AdmissionReview that it understands; the first that the server knows too is used."""
    match_conditions: tuple[MatchCondition, ...] = field(
        11, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """It is only asked if all of these are true; at most 64."""


class ValidatingWebhookConfiguration(Object):
    """Webhooks that may refuse objects on their way in."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "ValidatingWebhookConfiguration", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    webhooks: tuple[ValidatingWebhook, ...] = field(
        2, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    """The webhooks, asked all at once; each may refuse."""
