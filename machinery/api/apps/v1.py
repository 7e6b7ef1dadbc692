"""Deployment, ReplicaSet, StatefulSet, DaemonSet, ControllerRevision (k8s.io/api `apps/v1`)."""

from machinery.api.core.v1.pod import PodTemplateSpec
from machinery.api.core.v1.storage import PersistentVolumeClaim
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, Int64, IntOrString, Model, Object, RawExtension, Time, field


class ControllerRevision(Object):
    """A state that a controller had, kept for going back."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "ControllerRevision", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    data: RawExtension | None = field(2, None)
    """The state itself, in the form that its controller chose; it never changes."""
    revision: Int64 = field(3, 0, required=True)
    """Counts up from one state to the next, so that the highest is the newest."""


class RollingUpdateDaemonSet(Model):
    """How many nodes may be without, or with two, during an update."""

    max_unavailable: IntOrString | None = field(1, None)
    """How many nodes may lack a ready pod meanwhile, as a number or a percentage rounded up. Default 1."""
    max_surge: IntOrString | None = field(2, None)
    """How many nodes may run the old and the new pod at once, as a number or a percentage. Default 0."""


class DaemonSetUpdateStrategy(Model):
    """How a daemon set replaces its pods."""

    type: str = field(1, "")
    """RollingUpdate (the default) replaces pods itself; OnDelete waits until somebody deletes the old ones."""
    rolling_update: RollingUpdateDaemonSet | None = field(2, None)
    """The pace of a rolling update; only with that type."""


class DaemonSetSpec(Model):
    """Which pods, what they look like, how to replace them."""

    selector: LabelSelector | None = field(1, None, required=True)
    """The labels of its pods. The template must have them, and they cannot be changed."""
    template: PodTemplateSpec = field(2, PodTemplateSpec, required=True)
    """What to make new pods from. Its restartPolicy can only be Always."""
    update_strategy: DaemonSetUpdateStrategy = field(3, DaemonSetUpdateStrategy)
    """How old pods are replaced when the template changes."""
    min_ready_seconds: Int32 = field(4, 0)
    """Seconds a pod must be ready, without a container crashing, to count as available. Default 0."""
    revision_history_limit: Int32 | None = field(6, None)
    """How many former templates to keep for going back. Default 10."""


class DaemonSetCondition(Model):
    """One observed aspect of a daemon set."""

    type: str = field(1, "", required=True)
    """The name of the aspect."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class DaemonSetStatus(Model):
    """On how many nodes the pods run."""

    current_number_scheduled: Int32 = field(1, 0, required=True)
    """On how many of the nodes that shall have a pod there is one."""
    number_misscheduled: Int32 = field(2, 0, required=True)
    """On how many nodes there is a pod that should not be there."""
    desired_number_scheduled: Int32 = field(3, 0, required=True)
    """How many nodes shall have a pod."""
    number_ready: Int32 = field(4, 0, required=True)
    """On how many of them a pod is ready."""
    observed_generation: Int64 = field(5, 0)
    """The metadata.generation that the controller last acted on."""
    updated_number_scheduled: Int32 = field(6, 0)
    """On how many of them the pod is made from the present template."""
    number_available: Int32 = field(7, 0)
    """On how many of them a pod is ready for at least minReadySeconds."""
    number_unavailable: Int32 = field(8, 0)
    """On how many of them no pod is available."""
    collision_count: Int32 | None = field(9, None)
    """How often the hash that names a revision was taken; it goes into the next hash."""
    conditions: tuple[DaemonSetCondition, ...] = field(
        10, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What the controller noticed about its pods."""


class DaemonSet(Object):
    """One pod on every node, or on all that match."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "DaemonSet", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: DaemonSetSpec = field(2, DaemonSetSpec)
    """What is wanted."""
    status: DaemonSetStatus = field(3, DaemonSetStatus)
    """What was counted; it may lag behind."""


class RollingUpdateDeployment(Model):
    """How many pods too few or too many there may be during an update."""

    max_unavailable: IntOrString | None = field(1, None)
    """How many of the wanted pods may be missing meanwhile: a number, or a percentage rounded down. Default 25%."""
    max_surge: IntOrString | None = field(2, None)
    """How many pods more than wanted there may be: a number, or a percentage rounded up. Default 25%."""


class DeploymentStrategy(Model):
    """How old pods give way to new ones: RollingUpdate or Recreate."""

    type: str = field(1, "")
    """RollingUpdate (the default) replaces pods step by step; Recreate ends all old ones first."""
    rolling_update: RollingUpdateDeployment | None = field(2, None)
    """The size of the steps; only with the type RollingUpdate."""


class DeploymentSpec(Model):
    """How many pods, which, what they look like, how to replace them."""

    replicas: Int32 | None = field(1, None)
    """How many pods to keep. Default 1."""
    selector: LabelSelector | None = field(2, None, required=True)
    """The labels of its pods. The template must have them, and they cannot be changed."""
    template: PodTemplateSpec = field(3, PodTemplateSpec, required=True)
    """What the pods look like; each change begins a new rollout. Its restartPolicy can only be Always."""
    strategy: DeploymentStrategy = field(4, DeploymentStrategy, merge="retainKeys")
    """How a change of the template reaches the pods."""
    min_ready_seconds: Int32 = field(5, 0)
    """Seconds a pod must be ready, without a container crashing, to count as available. Default 0."""
    revision_history_limit: Int32 | None = field(6, None)
    """How many old replica sets to keep for going back. Default 10; with 0 there is no way back."""
    paused: bool = field(7, False)
    """Whether changes of the template wait until this is false again. Default false."""
    progress_deadline_seconds: Int32 | None = field(9, None)
    """Seconds without progress after which the rollout is reported as stuck; it goes on all the same. Default 600."""


class DeploymentCondition(Model):
    """One observed aspect of a deployment."""

    type: str = field(1, "", required=True)
    """Available, Progressing or ReplicaFailure."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_update_time: Time | None = field(6, None)
    """When this condition was last written."""
    last_transition_time: Time | None = field(7, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class DeploymentStatus(Model):
    """How far a deployment is."""

    observed_generation: Int64 = field(1, 0)
    """The metadata.generation that the controller last acted on."""
    replicas: Int32 = field(2, 0)
    """How many pods there are, old and new, that are not ending."""
    updated_replicas: Int32 = field(3, 0)
    """How many of them are made from the present template."""
    ready_replicas: Int32 = field(7, 0)
    """How many of them are ready."""
    available_replicas: Int32 = field(4, 0)
    """How many of them are ready for at least minReadySeconds."""
    unavailable_replicas: Int32 = field(5, 0)
    """How many are missing until all are available: not yet ready, or not yet made."""
    conditions: tuple[DeploymentCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """How the rollout goes and whether enough pods are there."""
    collision_count: Int32 | None = field(8, None)
    """How often a replica set's name was taken; it goes into the hash that makes the next name."""


class Deployment(Object):
    """Keeps an application running and rolls out its new versions."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "Deployment", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: DeploymentSpec = field(2, DeploymentSpec)
    """What is wanted."""
    status: DeploymentStatus = field(3, DeploymentStatus)
    """How far it is; it may lag behind."""


class ReplicaSetSpec(Model):
    """How many pods, which, and what new ones look like."""

    replicas: Int32 | None = field(1, None)
    """How many pods to keep. Default 1."""
    min_ready_seconds: Int32 = field(4, 0)
    """Seconds a pod must be ready, without a container crashing, to count as available. Default 0."""
    selector: LabelSelector | None = field(2, None, required=True)
    """The labels of its pods. The template must have them, and they cannot be changed."""
    template: PodTemplateSpec = field(3, PodTemplateSpec)
    """What to make new pods from; pods that exist stay as they are when it changes."""


class ReplicaSetCondition(Model):
    """One observed aspect of a replica set."""

    type: str = field(1, "", required=True)
    """Such as ReplicaFailure: pods could not be created or deleted."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class ReplicaSetStatus(Model):
    """How many pods there are, and how they are."""

    replicas: Int32 = field(1, 0, required=True)
    """How many pods there are that are not ending."""
    fully_labeled_replicas: Int32 = field(2, 0)
    """How many of them have all labels of the template."""
    ready_replicas: Int32 = field(4, 0)
    """How many of them are ready."""
    available_replicas: Int32 = field(5, 0)
    """How many of them are ready for at least minReadySeconds."""
    observed_generation: Int64 = field(3, 0)
    """The metadata.generation that the controller last acted on."""
    conditions: tuple[ReplicaSetCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What the controller noticed about its pods."""


class ReplicaSet(Object):
    """Keeps a number of pods running."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "ReplicaSet", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ReplicaSetSpec = field(2, ReplicaSetSpec)
    """What is wanted."""
    status: ReplicaSetStatus = field(3, ReplicaSetStatus)
    """What was counted; it may lag behind."""


class RollingUpdateStatefulSetStrategy(Model):
    """From which ordinal on pods are updated."""

    partition: Int32 | None = field(1, None)
    """Only pods with this ordinal or a higher one are updated; the others stay old. Default 0."""
    max_unavailable: IntOrString | None = field(2, None)
    """How many pods may be missing at once: a number, or a percentage rounded up (alpha). Default 1."""


class StatefulSetUpdateStrategy(Model):
    """How a stateful set replaces its pods."""

    type: str = field(1, "")
    """RollingUpdate (the default) replaces pods from the last to the first; OnDelete waits for a deletion."""
    rolling_update: RollingUpdateStatefulSetStrategy | None = field(2, None)
    """Which pods a rolling update reaches; only with that type."""


class StatefulSetPersistentVolumeClaimRetentionPolicy(Model):
    """What becomes of claims when pods or the set go."""

    when_deleted: str = field(1, "")
    """What becomes of the claims when the set is deleted: Retain (the default) or Delete."""
    when_scaled: str = field(2, "")
    """What becomes of the claims of pods that are scaled away: Retain (the default) or Delete."""


class StatefulSetOrdinals(Model):
    """Where the numbering of the pods begins."""

    start: Int32 = field(1, 0, required=True, optional=True)
    """The ordinal of the first pod. Default 0."""


class StatefulSetSpec(Model):
    """How many pods, what they look like, which claims each has."""

    replicas: Int32 | None = field(1, None)
    """How many pods to keep. Each has a number of its own. Default 1."""
    selector: LabelSelector | None = field(2, None, required=True)
    """The labels of its pods. The template must have them, and they cannot be changed."""
    template: PodTemplateSpec = field(3, PodTemplateSpec, required=True)
    """What the pods look like. They are called by the set's name and their ordinal: web-0, web-1 …"""
    volume_claim_templates: tuple[PersistentVolumeClaim, ...] = field(4, (), list_type="atomic")
    """Each pod gets a claim of its own from each of these, and finds it again after a restart."""
    service_name: str = field(5, "", required=True)
    """A headless Service that gives each pod a DNS name: web-0.SERVICE.NAMESPACE.svc."""
    pod_management_policy: str = field(6, "")
    """OrderedReady (the default) makes and ends pods one after the other, Parallel all at once."""
    update_strategy: StatefulSetUpdateStrategy = field(7, StatefulSetUpdateStrategy)
    """How old pods are replaced when the template changes."""
    revision_history_limit: Int32 | None = field(8, None)
    """How many former templates to keep for going back. Default 10."""
    min_ready_seconds: Int32 = field(9, 0)
    """Seconds a pod must be ready, without a container crashing, to count as available. Default 0."""
    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = field(10, None)
    """Whether claims go with their pods or with the set; they stay if not said."""
    ordinals: StatefulSetOrdinals | None = field(11, None)
    """How the pods are numbered; from 0 on if not said."""


class StatefulSetCondition(Model):
    """One observed aspect of a stateful set."""

    type: str = field(1, "", required=True)
    """The name of the aspect."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(3, None)
    """When the status last changed from one value to another."""
    reason: str = field(4, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(5, "")
    """The same for people to read."""


class StatefulSetStatus(Model):
    """How many pods there are, and of which revision."""

    observed_generation: Int64 = field(1, 0)
    """The metadata.generation that the controller last acted on."""
    replicas: Int32 = field(2, 0, required=True)
    """How many pods there are."""
    ready_replicas: Int32 = field(3, 0)
    """How many of them are ready."""
    current_replicas: Int32 = field(4, 0)
    """How many of them are of the revision currentRevision."""
    updated_replicas: Int32 = field(5, 0)
    """How many of them are of the revision updateRevision."""
    current_revision: str = field(6, "")
    """The ControllerRevision from which an update started: that of the pods not yet updated."""
    update_revision: str = field(7, "")
    """The ControllerRevision that an update leads to; equal to currentRevision when it is done."""
    collision_count: Int32 | None = field(9, None)
    """How often the hash that names a revision was taken; it goes into the next hash."""
    conditions: tuple[StatefulSetCondition, ...] = field(
        10, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What the controller noticed about its pods."""
    available_replicas: Int32 = field(11, 0, required=True, optional=True)
    """How many of them are ready for at least minReadySeconds."""


class StatefulSet(Object):
    """Pods with names and storage of their own that last."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "StatefulSet", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: StatefulSetSpec = field(2, StatefulSetSpec)
    """What is wanted."""
    status: StatefulSetStatus = field(3, StatefulSetStatus)
    """What was counted; it may lag behind."""
