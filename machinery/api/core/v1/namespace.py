"""Namespace."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Time, field


class NamespaceSpec(Model):
    """What must let go of a namespace before it is gone."""

    finalizers: tuple[str, ...] = field(1, (), list_type="atomic")


class NamespaceCondition(Model):
    """One observed aspect of a namespace."""

    type: str = field(1, "", required=True)
    status: str = field(2, "", required=True)
    last_transition_time: Time | None = field(4, None)
    reason: str = field(5, "")
    message: str = field(6, "")


class NamespaceStatus(Model):
    """Whether a namespace is Active or Terminating."""

    phase: str = field(1, "")
    conditions: tuple[NamespaceCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class Namespace(Object):
    """A room for names: objects inside it are apart from those of other rooms."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Namespace", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NamespaceSpec = field(2, NamespaceSpec)
    status: NamespaceStatus = field(3, NamespaceStatus)
