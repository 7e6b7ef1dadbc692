"""Types of core/v1."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Time, field


class NamespaceSpec(Model):
    finalizers: tuple[str, ...] = field(1, (), list_type="atomic")


class NamespaceCondition(Model):
    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(4, None)
    reason: str = field(5, "")
    message: str = field(6, "")


class NamespaceStatus(Model):
    phase: str = field(1, "")
    conditions: tuple[NamespaceCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class Namespace(Object):
    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Namespace", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NamespaceSpec = field(2, NamespaceSpec)
    status: NamespaceStatus = field(3, NamespaceStatus)
