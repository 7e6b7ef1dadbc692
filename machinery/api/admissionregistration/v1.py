"""Webhook configurations and validating policies (k8s.io/api `admissionregistration/v1`)."""

from typing import ClassVar

from machinery.api.meta.v1 import Condition, LabelSelector, ObjectMeta
from machinery.api.model import Bytes, Int32, Int64, Model, Object, field


class AuditAnnotation(Model):
    """A note that a policy leaves in the audit log."""

    key: str = field(1, "", required=True)
    value_expression: str = field(2, "", required=True)


class ExpressionWarning(Model):
    """A CEL expression that does not fit the types it is used on."""

    field_ref: str = field(2, "", required=True)
    warning: str = field(3, "", required=True)


class MatchCondition(Model):
    """A CEL condition that decides whether a webhook or policy looks at a request."""

    name: str = field(1, "", required=True)
    expression: str = field(2, "", required=True)


class Rule(Model):
    """API groups, versions and resources."""

    api_groups: tuple[str, ...] = field(1, (), list_type="atomic")
    api_versions: tuple[str, ...] = field(2, (), list_type="atomic")
    resources: tuple[str, ...] = field(3, (), list_type="atomic")
    scope: str | None = field(4, None)


class RuleWithOperations(Rule, inline=2):
    """Operations on resources."""

    operations: tuple[str, ...] = field(1, (), list_type="atomic")


class NamedRuleWithOperations(RuleWithOperations, inline=2):
    """Operations on resources, perhaps only of certain names."""

    atomic: ClassVar[bool] = True
    resource_names: tuple[str, ...] = field(1, (), list_type="atomic")


class MatchResources(Model):
    """Which requests a policy looks at."""

    atomic: ClassVar[bool] = True
    namespace_selector: LabelSelector | None = field(1, None)
    object_selector: LabelSelector | None = field(2, None)
    resource_rules: tuple[NamedRuleWithOperations, ...] = field(3, (), list_type="atomic")
    exclude_resource_rules: tuple[NamedRuleWithOperations, ...] = field(4, (), list_type="atomic")
    match_policy: str | None = field(7, None)


class ServiceReference(Model):
    """The Service behind which a webhook listens."""

    namespace: str = field(1, "", required=True)
    name: str = field(2, "", required=True)
    path: str | None = field(3, None)
    port: Int32 | None = field(4, None)


class WebhookClientConfig(Model):
    """How to reach a webhook."""

    url: str | None = field(3, None)
    service: ServiceReference | None = field(1, None)
    ca_bundle: Bytes = field(2, "")


class MutatingWebhook(Model):
    """One webhook that may change objects on their way in."""

    name: str = field(1, "", required=True)
    client_config: WebhookClientConfig = field(2, WebhookClientConfig, required=True)
    rules: tuple[RuleWithOperations, ...] = field(3, (), list_type="atomic")
    failure_policy: str | None = field(4, None)
    match_policy: str | None = field(9, None)
    namespace_selector: LabelSelector | None = field(5, None)
    object_selector: LabelSelector | None = field(11, None)
    side_effects: str | None = field(6, None, required=True)
    timeout_seconds: Int32 | None = field(7, None)
    admission_review_versions: tuple[str, ...] = field(8, (), required=True, list_type="atomic")
    reinvocation_policy: str | None = field(10, None)
    match_conditions: tuple[MatchCondition, ...] = field(
        12, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )


class MutatingWebhookConfiguration(Object):
    """Webhooks that may change objects on their way in."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "MutatingWebhookConfiguration", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    webhooks: tuple[MutatingWebhook, ...] = field(
        2, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )


class ParamKind(Model):
    """The kind that a policy takes its parameters from."""

    atomic: ClassVar[bool] = True
    api_version: str = field(1, "")
    kind: str = field(2, "")


class ParamRef(Model):
    """The object, or objects, that hold a policy's parameters."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    namespace: str = field(2, "")
    selector: LabelSelector | None = field(3, None)
    parameter_not_found_action: str | None = field(4, None)


class TypeChecking(Model):
    """What the type check of a policy's expressions found."""

    expression_warnings: tuple[ExpressionWarning, ...] = field(1, (), list_type="atomic")


class Validation(Model):
    """One CEL expression that must be true, and what to say when it is not."""

    expression: str = field(1, "", required=True)
    message: str = field(2, "")
    reason: str | None = field(3, None)
    message_expression: str = field(4, "")


class Variable(Model):
    """A named CEL expression for use in others."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "", required=True)
    expression: str = field(2, "", required=True)


class ValidatingAdmissionPolicySpec(Model):
    """What a policy looks at and what it demands."""

    param_kind: ParamKind | None = field(1, None)
    match_constraints: MatchResources | None = field(2, None)
    validations: tuple[Validation, ...] = field(3, (), list_type="atomic")
    failure_policy: str | None = field(4, None)
    audit_annotations: tuple[AuditAnnotation, ...] = field(5, (), list_type="atomic")
    match_conditions: tuple[MatchCondition, ...] = field(
        6, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
    variables: tuple[Variable, ...] = field(
        7, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )


class ValidatingAdmissionPolicyStatus(Model):
    """What the server found out about a policy."""

    observed_generation: Int64 = field(1, 0)
    type_checking: TypeChecking | None = field(2, None)
    conditions: tuple[Condition, ...] = field(3, (), list_type="map", list_keys=("type",))


class ValidatingAdmissionPolicy(Object):
    """CEL expressions that objects must satisfy on their way in."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "ValidatingAdmissionPolicy", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ValidatingAdmissionPolicySpec = field(2, ValidatingAdmissionPolicySpec)
    status: ValidatingAdmissionPolicyStatus = field(3, ValidatingAdmissionPolicyStatus)


class ValidatingAdmissionPolicyBindingSpec(Model):
    """The policy, the parameters, the scope and the actions of a binding."""

    policy_name: str = field(1, "")
    param_ref: ParamRef | None = field(2, None)
    match_resources: MatchResources | None = field(3, None)
    validation_actions: tuple[str, ...] = field(4, (), list_type="set")


class ValidatingAdmissionPolicyBinding(Object):
    """Where a policy holds, with which parameters and consequences."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "ValidatingAdmissionPolicyBinding", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ValidatingAdmissionPolicyBindingSpec = field(2, ValidatingAdmissionPolicyBindingSpec)


class ValidatingWebhook(Model):
    """One webhook that may refuse objects on their way in."""

    name: str = field(1, "", required=True)
    client_config: WebhookClientConfig = field(2, WebhookClientConfig, required=True)
    rules: tuple[RuleWithOperations, ...] = field(3, (), list_type="atomic")
    failure_policy: str | None = field(4, None)
    match_policy: str | None = field(9, None)
    namespace_selector: LabelSelector | None = field(5, None)
    object_selector: LabelSelector | None = field(10, None)
    side_effects: str | None = field(6, None, required=True)
    timeout_seconds: Int32 | None = field(7, None)
    admission_review_versions: tuple[str, ...] = field(8, (), required=True, list_type="atomic")
    match_conditions: tuple[MatchCondition, ...] = field(
        11, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )


class ValidatingWebhookConfiguration(Object):
    """Webhooks that may refuse objects on their way in."""

    api_version: str = field(None, "admissionregistration.k8s.io/v1", required=True)
    kind: str = field(None, "ValidatingWebhookConfiguration", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    webhooks: tuple[ValidatingWebhook, ...] = field(
        2, (), merge="merge", merge_key="name", list_type="map", list_keys=("name",)
    )
