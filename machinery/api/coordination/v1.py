"""Lease (k8s.io/api `coordination/v1`)."""

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Int32, MicroTime, Model, Object, field


class LeaseSpec(Model):
    """The holder of a lease and its times."""

    holder_identity: str | None = field(1, None)
    lease_duration_seconds: Int32 | None = field(2, None)
    acquire_time: MicroTime | None = field(3, None)
    renew_time: MicroTime | None = field(4, None)
    lease_transitions: Int32 | None = field(5, None)
    strategy: str | None = field(6, None)
    preferred_holder: str | None = field(7, None)


class Lease(Object):
    """Who holds something, since when and for how long; nodes beat their hearts with it."""

    api_version: str = field(None, "coordination.k8s.io/v1", required=True)
    kind: str = field(None, "Lease", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: LeaseSpec = field(2, LeaseSpec)
