"""ReplicationController."""

from machinery.api.core.v1.pod import PodTemplateSpec
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, Int64, Model, Object, Time, field


class ReplicationControllerSpec(Model):
    """How many pods, which, and what new ones look like."""

    replicas: Int32 | None = field(1, None)
    """How many pods to keep. Default 1."""
    min_ready_seconds: Int32 = field(4, 0)
    """Seconds a pod must be ready, without a container crashing, to count as available. Default 0."""
    selector: dict[str, str] = field(2, {}, atomic=True)
    """The labels of its pods; those of the template if not said."""
    template: PodTemplateSpec | None = field(3, None)
    """What to make new pods from; pods that exist stay as they are when it changes."""


class ReplicationControllerCondition(Model):
    """One observed aspect of a replication controller."""

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


class ReplicationControllerStatus(Model):
    """How many pods there are."""

    replicas: Int32 = field(1, 0, required=True)
    """How many pods there are."""
    fully_labeled_replicas: Int32 = field(2, 0)
    """How many of them have all labels of the template."""
    ready_replicas: Int32 = field(4, 0)
    """How many of them are ready."""
    available_replicas: Int32 = field(5, 0)
    """How many of them are ready for at least minReadySeconds."""
    observed_generation: Int64 = field(3, 0)
    """The metadata.generation that the controller last acted on."""
    conditions: tuple[ReplicationControllerCondition, ...] = field(
        6, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What the controller noticed about its pods."""


class ReplicationController(Object):
    """Keeps a number of pods running; ReplicaSet's elder."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ReplicationController", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ReplicationControllerSpec = field(2, ReplicationControllerSpec)
    """What is wanted."""
    status: ReplicationControllerStatus = field(3, ReplicationControllerStatus)
    """What was counted; it may lag behind."""
