"""FlowSchema and PriorityLevelConfiguration (k8s.io/api `flowcontrol/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, Time, field


class ExemptPriorityLevelConfiguration(Model):
    """How much an unlimited level lends to others."""

    nominal_concurrency_shares: Int32 | None = field(1, None)
    lendable_percent: Int32 | None = field(2, None)


class FlowDistinguisherMethod(Model):
    """What tells one flow of a schema from another: the user or the namespace."""

    type: str = field(1, "", required=True)


class PriorityLevelConfigurationReference(Model):
    """A priority level by name."""

    name: str = field(1, "", required=True)


class UserSubject(Model):
    """A user."""

    name: str = field(1, "", required=True)


class GroupSubject(Model):
    """Users of a group."""

    name: str = field(1, "", required=True)


class ServiceAccountSubject(Model):
    """A service account."""

    namespace: str = field(1, "", required=True)
    name: str = field(2, "", required=True)


class Subject(Model):
    """A user, a group or a service account."""

    kind: str = field(1, "", required=True)
    user: UserSubject | None = field(2, None)
    group: GroupSubject | None = field(3, None)
    service_account: ServiceAccountSubject | None = field(4, None)


class ResourcePolicyRule(Model):
    """Verbs on resources."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="set")
    api_groups: tuple[str, ...] = field(2, (), required=True, list_type="set")
    resources: tuple[str, ...] = field(3, (), required=True, list_type="set")
    cluster_scope: bool = field(4, False)
    namespaces: tuple[str, ...] = field(5, (), required=True, optional=True, list_type="set")


class NonResourcePolicyRule(Model):
    """Verbs on paths that are no resources."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="set")
    non_resource_urls: tuple[str, ...] = field(6, (), json="nonResourceURLs", required=True, list_type="set")


class PolicyRulesWithSubjects(Model):
    """Who does what."""

    subjects: tuple[Subject, ...] = field(1, (), required=True, list_type="atomic")
    resource_rules: tuple[ResourcePolicyRule, ...] = field(2, (), list_type="atomic")
    non_resource_rules: tuple[NonResourcePolicyRule, ...] = field(3, (), list_type="atomic")


class FlowSchemaSpec(Model):
    """The level, the precedence and the rules of a flow schema."""

    priority_level_configuration: PriorityLevelConfigurationReference = field(
        1, PriorityLevelConfigurationReference, required=True
    )
    matching_precedence: Int32 = field(2, 0, required=True, optional=True)
    distinguisher_method: FlowDistinguisherMethod | None = field(3, None)
    rules: tuple[PolicyRulesWithSubjects, ...] = field(4, (), list_type="atomic")


class FlowSchemaCondition(Model):
    """One observed aspect of a flow schema."""

    type: str = field(1, "")
    status: str = field(2, "")
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class FlowSchemaStatus(Model):
    """What was observed of a flow schema."""

    conditions: tuple[FlowSchemaCondition, ...] = field(
        1, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class FlowSchema(Object):
    """Which requests belong together, and to which priority level they go."""

    api_version: str = field(None, "flowcontrol.apiserver.k8s.io/v1", required=True)
    kind: str = field(None, "FlowSchema", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: FlowSchemaSpec = field(2, FlowSchemaSpec)
    status: FlowSchemaStatus = field(3, FlowSchemaStatus)


class QueuingConfiguration(Model):
    """How many queues, how long, and how flows are dealt out to them."""

    queues: Int32 = field(1, 0, required=True, optional=True)
    hand_size: Int32 = field(2, 0, required=True, optional=True)
    queue_length_limit: Int32 = field(3, 0, required=True, optional=True)


class LimitResponse(Model):
    """What becomes of requests over the limit: rejected or queued."""

    type: str = field(1, "", required=True)
    queuing: QueuingConfiguration | None = field(2, None)


class LimitedPriorityLevelConfiguration(Model):
    """How many requests of a level may run at once."""

    nominal_concurrency_shares: Int32 | None = field(1, None, required=True, optional=True)
    limit_response: LimitResponse = field(2, LimitResponse)
    lendable_percent: Int32 | None = field(3, None)
    borrowing_limit_percent: Int32 | None = field(4, None)


class PriorityLevelConfigurationSpec(Model):
    """Whether a level is limited, and how."""

    type: str = field(1, "", required=True)
    limited: LimitedPriorityLevelConfiguration | None = field(2, None)
    exempt: ExemptPriorityLevelConfiguration | None = field(3, None)


class PriorityLevelConfigurationCondition(Model):
    """One observed aspect of a priority level."""

    type: str = field(1, "")
    status: str = field(2, "")
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class PriorityLevelConfigurationStatus(Model):
    """What was observed of a priority level."""

    conditions: tuple[PriorityLevelConfigurationCondition, ...] = field(
        1, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class PriorityLevelConfiguration(Object):
    """A share of the server's attention."""

    api_version: str = field(None, "flowcontrol.apiserver.k8s.io/v1", required=True)
    kind: str = field(None, "PriorityLevelConfiguration", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PriorityLevelConfigurationSpec = field(2, PriorityLevelConfigurationSpec)
    status: PriorityLevelConfigurationStatus = field(3, PriorityLevelConfigurationStatus)
