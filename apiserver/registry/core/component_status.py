"""ComponentStatus: the health of the control plane as clients of old ask for it; computed at each request.

`ComponentStatuses` stands where a Store stands for other kinds. etcd is asked; the scheduler and the controllers are
known by the leases that they hold, if they hold any: without one nothing is known of them, and nothing is claimed.
Real Kubernetes: pkg/registry/core/componentstatus, which asks health ports on its own machine.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, NamedTuple, Protocol

import orjson

from apiserver.registry.strategy import Doc, Strategy, columns
from apiserver.storage.interface import Page, Selection, Snapshot, Storage, StorageError, Stored
from machinery.api.coordination.v1 import Lease
from machinery.api.core.v1 import ComponentCondition, ComponentStatus
from machinery.api.errors import NotFound

HEALTHY = "Healthy"
LEASES = {"controller-manager": "kube-controller-manager", "scheduler": "kube-scheduler"}
_ETCD, _NAMESPACE = "etcd-0", "kube-system"


class Leases(Protocol):
    """Of a Store: to look an object up."""

    async def find(self, name: str, namespace: str = "") -> Doc | None: ...


class ComponentStatusStrategy(Strategy):
    """See the module."""

    kind = "ComponentStatus"
    columns = columns("Name, Status, Message, Error")

    def row(self, obj: ComponentStatus, now: datetime) -> list[Any]:
        found = next((condition for condition in obj.conditions if condition.type == HEALTHY), None)
        if found is None:
            return [obj.metadata.name, "Unknown", "", ""]
        state = HEALTHY if found.status == "True" else "Unhealthy"
        return [obj.metadata.name, state, found.message, found.error]


class _Shown(NamedTuple):
    """See storage.interface.Entry."""

    key: str
    revision: int
    body: bytes
    labels: Mapping[str, str]
    fields: Mapping[str, str]


class ComponentStatuses:
    """What dispatch and the reading endpoints want of a Store, of its Cacher and of its Storage."""

    selectable_fields = frozenset({"metadata.name"})

    def __init__(self, storage: Storage, leases: Leases) -> None:
        self.strategy = ComponentStatusStrategy()
        self.resource = self.strategy.resource
        self._etcd, self._leases = storage, leases
        self.cacher = self.storage = self

    def key(self, namespace: str, name: str) -> str:
        return name

    def scope(self, namespace: str) -> str:
        return ""

    def missing(self, name: str) -> NotFound:
        return NotFound(self.resource.plural, name)

    async def get(self, key: str, resource_version: int | None = None) -> _Shown | None:
        return next((entry for entry in await self._entries() if entry.key == key), None)

    async def list(self, selection: Selection | str, **_: Any) -> Snapshot | Page:
        """As a Cacher for a selection, as a Storage for a prefix: there is one state, that of now."""
        entries = await self._entries()
        if isinstance(selection, str):
            return Page([Stored(each.key, each.revision, each.body) for each in entries], 0, False, 0)
        return Snapshot([entry for entry in entries if _selected(selection, entry)], 0, 0)

    async def _entries(self) -> Sequence[_Shown]:
        conditions = {name: await self._led(lease) for name, lease in LEASES.items()}
        conditions[_ETCD] = await self._etcd_condition()
        return [_shown(name, condition) for name, condition in conditions.items()]

    async def _led(self, lease: str) -> ComponentCondition | None:
        found = await self._leases.find(lease, _NAMESPACE)
        return None if found is None else led(Lease.from_dict(found), datetime.now(UTC))

    async def _etcd_condition(self) -> ComponentCondition:
        try:
            await self._etcd.current_revision()
        except StorageError as error:
            return _condition(error=str(error))
        return _condition()


def led(lease: Lease, now: datetime) -> ComponentCondition:
    """Whether who holds a lease still renews it."""
    spec = lease.spec
    holder, seconds = spec.holder_identity, spec.lease_duration_seconds or 0
    if not holder:
        return _condition(error="nobody leads")
    if spec.renew_time is None or (now - spec.renew_time).total_seconds() > seconds:
        return _condition(error=f"{holder} no longer renews its lease")
    return _condition()


def _condition(error: str = "") -> ComponentCondition:
    if error:
        return ComponentCondition(type=HEALTHY, status="False", message=error)
    return ComponentCondition(type=HEALTHY, status="True", message="ok")


def _shown(name: str, condition: ComponentCondition | None) -> _Shown:
    document = {"metadata": {"name": name}, "conditions": [condition.to_dict()] if condition is not None else []}
    typed = ComponentStatus.from_dict(document)
    return _Shown(name, 0, orjson.dumps(typed.to_dict()), {}, {"metadata.name": name})


def _selected(selection: Selection, entry: _Shown) -> bool:
    labels, fields = selection.labels, selection.fields
    return (labels is None or labels.matches(entry.labels)) and (fields is None or fields.matches(entry.fields))
