"""FlowSchema and PriorityLevelConfiguration (k8s.io/api `flowcontrol/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Model, Object, Time, field


class ExemptPriorityLevelConfiguration(Model):
    """How much an unlimited level lends to others."""

    nominal_concurrency_shares: Int32 | None = field(1, None)
    """Its share of the seats, of which others may borrow; it never waits itself. Default 0."""
    lendable_percent: Int32 | None = field(2, None)
    """How much of that share others may borrow, in percent, 0 to 100. Default 0."""


class FlowDistinguisherMethod(Model):
    """What tells one flow of a schema from another: the user or the namespace."""

    type: str = field(1, "", required=True)
    """ByUser or ByNamespace."""


class PriorityLevelConfigurationReference(Model):
    """A priority level by name."""

    name: str = field(1, "", required=True)
    """Which PriorityLevelConfiguration it is."""


class UserSubject(Model):
    """A user."""

    name: str = field(1, "", required=True)
    """The user's name, or * for all."""


class GroupSubject(Model):
    """Users of a group."""

    name: str = field(1, "", required=True)
    """The group's name, or * for all, such as system:authenticated."""


class ServiceAccountSubject(Model):
    """A service account."""

    namespace: str = field(1, "", required=True)
    """The service account's namespace."""
    name: str = field(2, "", required=True)
    """The service account's name, or * for all of the namespace."""


class Subject(Model):
    """A user, a group or a service account."""

    kind: str = field(1, "", required=True)
    """User, Group or ServiceAccount; the field of that name tells who."""
    user: UserSubject | None = field(2, None)
    """Which one; only with the kind User."""
    group: GroupSubject | None = field(3, None)
    """Which one; only with the kind Group."""
    service_account: ServiceAccountSubject | None = field(4, None)
    """Which one; only with the kind ServiceAccount."""


class ResourcePolicyRule(Model):
    """Verbs on resources."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="set")
    """The verbs, or only * for all."""
    api_groups: tuple[str, ...] = field(2, (), required=True, list_type="set")
    """The API groups, or only * for all."""
    resources: tuple[str, ...] = field(3, (), required=True, list_type="set")
    """The plural names, with subresources as pods/log, or only * for all."""
    cluster_scope: bool = field(4, False)
    """Whether requests without a namespace match. Default false."""
    namespaces: tuple[str, ...] = field(5, (), required=True, optional=True, list_type="set")
    """Requests in these namespaces match; * for all, none if empty. Then clusterScope must be true."""


class NonResourcePolicyRule(Model):
    """Verbs on paths that are no resources."""

    verbs: tuple[str, ...] = field(1, (), required=True, list_type="set")
    """The HTTP methods in small letters, or only * for all."""
    non_resource_urls: tuple[str, ...] = field(6, (), json="nonResourceURLs", required=True, list_type="set")
    """The paths, such as /healthz, /metrics/* or only * for all."""


class PolicyRulesWithSubjects(Model):
    """Who does what."""

    subjects: tuple[Subject, ...] = field(1, (), required=True, list_type="atomic")
    """Who: any of these."""
    resource_rules: tuple[ResourcePolicyRule, ...] = field(2, (), list_type="atomic")
    """What on resources: any of these. Some rule must be given here or in nonResourceRules."""
    non_resource_rules: tuple[NonResourcePolicyRule, ...] = field(3, (), list_type="atomic")
    """What on other URLs: any of these."""


class FlowSchemaSpec(Model):
    """The level, the precedence and the rules of a flow schema."""

    priority_level_configuration: PriorityLevelConfigurationReference = field(
        1, PriorityLevelConfigurationReference, required=True
    )
    """The priority level for the requests that match."""
    matching_precedence: Int32 = field(2, 0, required=True, optional=True)
    """Of several that match, the lowest number wins. 1 to 10000. Default 1000."""
    distinguisher_method: FlowDistinguisherMethod | None = field(3, None)
    """What makes a flow of its own, which gets its fair turn; all one flow if not said."""
    rules: tuple[PolicyRulesWithSubjects, ...] = field(4, (), list_type="atomic")
    """Which requests match: any of these. With none, no request does."""


class FlowSchemaCondition(Model):
    """One observed aspect of a flow schema."""

    type: str = field(1, "")
    """Dangling: whether the priority level is missing."""
    status: str = field(2, "")
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class FlowSchemaStatus(Model):
    """What was observed of a flow schema."""

    conditions: tuple[FlowSchemaCondition, ...] = field(
        1, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What the server noticed about it."""


class FlowSchema(Object):
    """Which requests belong together, and to which priority level they go."""

    api_version: str = field(None, "flowcontrol.apiserver.k8s.io/v1", required=True)
    kind: str = field(None, "FlowSchema", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: FlowSchemaSpec = field(2, FlowSchemaSpec)
    """Which requests, and where they go."""
    status: FlowSchemaStatus = field(3, FlowSchemaStatus)
    """Whether its priority level exists."""


class QueuingConfiguration(Model):
    """How many queues, how long, and how flows are dealt out to them."""

    queues: Int32 = field(1, 0, required=True, optional=True)
    """How many queues there are. With 1, flows are not told apart. Default 64."""
    hand_size: Int32 = field(2, 0, required=True, optional=True)
    """How many queues a flow may use; it joins the shortest of them. 1 to queues. Default 8."""
    queue_length_limit: Int32 = field(3, 0, required=True, optional=True)
    """How many requests may wait in one queue; more are turned away. Default 50."""


class LimitResponse(Model):
    """What becomes of requests over the limit: rejected or queued."""

    type: str = field(1, "", required=True)
    """Queue lets them wait, Reject answers 429 at once."""
    queuing: QueuingConfiguration | None = field(2, None)
    """How they wait; only with the type Queue."""


class LimitedPriorityLevelConfiguration(Model):
    """How many requests of a level may run at once."""

    nominal_concurrency_shares: Int32 | None = field(1, None, required=True, optional=True)
    """Its part of the server's seats, against the sum of all levels' shares. Default 30."""
    limit_response: LimitResponse = field(2, LimitResponse)
    """What happens to requests that find no seat."""
    lendable_percent: Int32 | None = field(3, None)
    """How many of its seats other levels may borrow, in percent, 0 to 100. Default 0."""
    borrowing_limit_percent: Int32 | None = field(4, None)
    """How many seats it may borrow, in percent of its own; no limit if not said."""


class PriorityLevelConfigurationSpec(Model):
    """Whether a level is limited, and how."""

    type: str = field(1, "", required=True)
    """Limited, or Exempt: its requests never wait and are never turned away."""
    limited: LimitedPriorityLevelConfiguration | None = field(2, None)
    """The limits; only with the type Limited."""
    exempt: ExemptPriorityLevelConfiguration | None = field(3, None)
    """What it lends to other levels; only with the type Exempt."""


class PriorityLevelConfigurationCondition(Model):
    """One observed aspect of a priority level."""

    type: str = field(1, "")
    """The name of the aspect."""
    status: str = field(2, "")
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class PriorityLevelConfigurationStatus(Model):
    """What was observed of a priority level."""

    conditions: tuple[PriorityLevelConfigurationCondition, ...] = field(
        1, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What the server noticed about it."""


class PriorityLevelConfiguration(Object):
    """A share of the server's attention."""

    api_version: str = field(None, "flowcontrol.apiserver.k8s.io/v1", required=True)
    kind: str = field(None, "PriorityLevelConfiguration", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: PriorityLevelConfigurationSpec = field(2, PriorityLevelConfigurationSpec)
    """Whether and how its requests are limited."""
    status: PriorityLevelConfigurationStatus = field(3, PriorityLevelConfigurationStatus)
    """Written by the server."""
