"""ReplicationController."""

from machinery.api.core.v1.pod import PodTemplateSpec
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Time, field


class ReplicationControllerSpec(Model):
    """How many pods, which, and what new ones look like."""

    replicas: Int32 | None = field(1, None)
    min_ready_seconds: Int32 = field(4, 0)
    selector: dict[str, str] = field(2, {}, atomic=True)
    template: PodTemplateSpec | None = field(3, None)


class ReplicationControllerCondition(Model):
    """One observed aspect of a replication controller."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(3, None)
    reason: str = field(4, "")
    message: str = field(5, "")


class ReplicationControllerStatus(Model):
    """How many pods there are."""

    replicas: Int32 = field(1, 0, required=True)
    fully_labeled_replicas: Int32 = field(2, 0)
    ready_replicas: Int32 = field(4, 0)
    available_replicas: Int32 = field(5, 0)
    observed_generation: Int64 = field(3, 0)
    conditions: tuple[ReplicationControllerCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class ReplicationController(Object):
    """Keeps a number of pods running; ReplicaSet's elder."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ReplicationController", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ReplicationControllerSpec = field(2, ReplicationControllerSpec)
    status: ReplicationControllerStatus = field(3, ReplicationControllerStatus)
