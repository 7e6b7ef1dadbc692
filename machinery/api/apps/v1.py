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
    revision: Int64 = field(3, 0, required=True)


class RollingUpdateDaemonSet(Model):
    """How many nodes may be without, or with two, during an update."""

    max_unavailable: IntOrString | None = field(1, None)
    max_surge: IntOrString | None = field(2, None)


class DaemonSetUpdateStrategy(Model):
    """How a daemon set replaces its pods."""

    type: str = field(1, "")
    rolling_update: RollingUpdateDaemonSet | None = field(2, None)


class DaemonSetSpec(Model):
    """Which pods, what they look like, how to replace them."""

    selector: LabelSelector | None = field(1, None, required=True)
    template: PodTemplateSpec = field(2, PodTemplateSpec, required=True)
    update_strategy: DaemonSetUpdateStrategy = field(3, DaemonSetUpdateStrategy)
    min_ready_seconds: Int32 = field(4, 0)
    revision_history_limit: Int32 | None = field(6, None)


class DaemonSetCondition(Model):
    """One observed aspect of a daemon set."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class DaemonSetStatus(Model):
    """On how many nodes the pods run."""

    current_number_scheduled: Int32 = field(1, 0, required=True)
    number_misscheduled: Int32 = field(2, 0, required=True)
    desired_number_scheduled: Int32 = field(3, 0, required=True)
    number_ready: Int32 = field(4, 0, required=True)
    observed_generation: Int64 = field(5, 0)
    updated_number_scheduled: Int32 = field(6, 0)
    number_available: Int32 = field(7, 0)
    number_unavailable: Int32 = field(8, 0)
    collision_count: Int32 | None = field(9, None)
    conditions: tuple[DaemonSetCondition, ...] = field(
        10, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class DaemonSet(Object):
    """One pod on every node, or on all that match."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "DaemonSet", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: DaemonSetSpec = field(2, DaemonSetSpec)
    status: DaemonSetStatus = field(3, DaemonSetStatus)


class RollingUpdateDeployment(Model):
    """How many pods too few or too many there may be during an update."""

    max_unavailable: IntOrString | None = field(1, None)
    max_surge: IntOrString | None = field(2, None)


class DeploymentStrategy(Model):
    """How old pods give way to new ones: RollingUpdate or Recreate."""

    type: str = field(1, "")
    rolling_update: RollingUpdateDeployment | None = field(2, None)


class DeploymentSpec(Model):
    """How many pods, which, what they look like, how to replace them."""

    replicas: Int32 | None = field(1, None)
    selector: LabelSelector | None = field(2, None, required=True)
    template: PodTemplateSpec = field(3, PodTemplateSpec, required=True)
    strategy: DeploymentStrategy = field(4, DeploymentStrategy, merge="retainKeys")
    min_ready_seconds: Int32 = field(5, 0)
    revision_history_limit: Int32 | None = field(6, None)
    paused: bool = field(7, False)
    progress_deadline_seconds: Int32 | None = field(9, None)


class DeploymentCondition(Model):
    """One observed aspect of a deployment."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_update_time: Time | None = field(6, None)
    last_transition_time: Time | None = field(7, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class DeploymentStatus(Model):
    """How far a deployment is."""

    observed_generation: Int64 = field(1, 0)
    replicas: Int32 = field(2, 0)
    updated_replicas: Int32 = field(3, 0)
    ready_replicas: Int32 = field(7, 0)
    available_replicas: Int32 = field(4, 0)
    unavailable_replicas: Int32 = field(5, 0)
    conditions: tuple[DeploymentCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    collision_count: Int32 | None = field(8, None)


class Deployment(Object):
    """Keeps an application running and rolls out its new versions."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "Deployment", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: DeploymentSpec = field(2, DeploymentSpec)
    status: DeploymentStatus = field(3, DeploymentStatus)


class ReplicaSetSpec(Model):
    """How many pods, which, and what new ones look like."""

    replicas: Int32 | None = field(1, None)
    min_ready_seconds: Int32 = field(4, 0)
    selector: LabelSelector | None = field(2, None, required=True)
    template: PodTemplateSpec = field(3, PodTemplateSpec)


class ReplicaSetCondition(Model):
    """One observed aspect of a replica set."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class ReplicaSetStatus(Model):
    """How many pods there are, and how they are."""

    replicas: Int32 = field(1, 0, required=True)
    fully_labeled_replicas: Int32 = field(2, 0)
    ready_replicas: Int32 = field(4, 0)
    available_replicas: Int32 = field(5, 0)
    observed_generation: Int64 = field(3, 0)
    conditions: tuple[ReplicaSetCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class ReplicaSet(Object):
    """Keeps a number of pods running."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "ReplicaSet", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ReplicaSetSpec = field(2, ReplicaSetSpec)
    status: ReplicaSetStatus = field(3, ReplicaSetStatus)


class RollingUpdateStatefulSetStrategy(Model):
    """From which ordinal on pods are updated."""

    partition: Int32 | None = field(1, None)
    max_unavailable: IntOrString | None = field(2, None)


class StatefulSetUpdateStrategy(Model):
    """How a stateful set replaces its pods."""

    type: str = field(1, "")
    rolling_update: RollingUpdateStatefulSetStrategy | None = field(2, None)


class StatefulSetPersistentVolumeClaimRetentionPolicy(Model):
    """What becomes of claims when pods or the set go."""

    when_deleted: str = field(1, "")
    when_scaled: str = field(2, "")


class StatefulSetOrdinals(Model):
    """Where the numbering of the pods begins."""

    start: Int32 = field(1, 0, required=True, optional=True)


class StatefulSetSpec(Model):
    """How many pods, what they look like, which claims each has."""

    replicas: Int32 | None = field(1, None)
    selector: LabelSelector | None = field(2, None, required=True)
    template: PodTemplateSpec = field(3, PodTemplateSpec, required=True)
    volume_claim_templates: tuple[PersistentVolumeClaim, ...] = field(4, (), list_type="atomic")
    service_name: str = field(5, "", required=True)
    pod_management_policy: str = field(6, "")
    update_strategy: StatefulSetUpdateStrategy = field(7, StatefulSetUpdateStrategy)
    revision_history_limit: Int32 | None = field(8, None)
    min_ready_seconds: Int32 = field(9, 0)
    persistent_volume_claim_retention_policy: StatefulSetPersistentVolumeClaimRetentionPolicy | None = field(10, None)
    ordinals: StatefulSetOrdinals | None = field(11, None)


class StatefulSetCondition(Model):
    """One observed aspect of a stateful set."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class StatefulSetStatus(Model):
    """How many pods there are, and of which revision."""

    observed_generation: Int64 = field(1, 0)
    replicas: Int32 = field(2, 0, required=True)
    ready_replicas: Int32 = field(3, 0)
    current_replicas: Int32 = field(4, 0)
    updated_replicas: Int32 = field(5, 0)
    current_revision: str = field(6, "")
    update_revision: str = field(7, "")
    collision_count: Int32 | None = field(9, None)
    conditions: tuple[StatefulSetCondition, ...] = field(
        10, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    available_replicas: Int32 = field(11, 0, required=True, optional=True)


class StatefulSet(Object):
    """Pods with names and storage of their own that last."""

    api_version: str = field(None, "apps/v1", required=True)
    kind: str = field(None, "StatefulSet", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: StatefulSetSpec = field(2, StatefulSetSpec)
    status: StatefulSetStatus = field(3, StatefulSetStatus)
