"""Namespace."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Time, field


class NamespaceSpec(Model):
    """What must let go of a namespace before it is gone."""

    finalizers: tuple[str, ...] = field(1, (), list_type="atomic")
    """Names of what must be done before it is gone; kubernetes empties it of its objects."""


class NamespaceCondition(Model):
    """One observed aspect of a namespace."""

    type: str = field(1, "", required=True)
    """What holds up its deletion, such as NamespaceContentRemaining or NamespaceFinalizersRemaining."""
    status: str = field(2, "", required=True)
    """True, False or Unknown."""
    last_transition_time: Time | None = field(4, None)
    """When the status last changed from one value to another."""
    reason: str = field(5, "")
    """Why it changed last, as one word in CamelCase."""
    message: str = field(6, "")
    """The same for people to read."""


class NamespaceStatus(Model):
    """Whether a namespace is Active or Terminating."""

    phase: str = field(1, "")
    """Active, or Terminating: nothing new may be created in it, and what is there gets deleted."""
    conditions: tuple[NamespaceCondition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """How far its deletion is."""


class Namespace(Object):
    """A room for names: objects inside it are apart from those of other rooms."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Namespace", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NamespaceSpec = field(2, NamespaceSpec)
    """Its finalizers; nothing else can be wished for."""
    status: NamespaceStatus = field(3, NamespaceStatus)
    """Whether it is in use or going."""
