"""Lease (k8s.io/api `coordination/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, MicroTime, Model, Object, field


class LeaseSpec(Model):
    """The holder of a lease and its times."""

    holder_identity: str | None = field(1, None)
    """Who holds it; empty when nobody does."""
    lease_duration_seconds: Int32 | None = field(2, None)
    """Seconds after renewTime when others may take it. Above 0."""
    acquire_time: MicroTime | None = field(3, None)
    """When the present holder took it."""
    renew_time: MicroTime | None = field(4, None)
    """When the present holder last said that it is still there."""
    lease_transitions: Int32 | None = field(5, None)
    """How often it went from one holder to another."""
    strategy: str | None = field(6, None)
    """How the next holder is chosen among candidates, such as OldestEmulationVersion (alpha)."""
    preferred_holder: str | None = field(7, None)
    """Whom the present holder should make room for (alpha). Needs strategy."""


class Lease(Object):
    """Who holds something, since when and for how long; nodes beat their hearts with it."""

    api_version: str = field(None, "coordination.k8s.io/v1", required=True)
    kind: str = field(None, "Lease", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: LeaseSpec = field(2, LeaseSpec)
    """Written by whoever holds it."""
