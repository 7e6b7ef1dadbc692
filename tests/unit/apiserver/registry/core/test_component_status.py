"""ComponentStatus: what is known, and what is not claimed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from apiserver.registry.core.component_status import ComponentStatuses, led
from apiserver.storage.interface import Page, Selection, Snapshot, Unavailable
from machinery.api import fields, labels
from machinery.api.coordination.v1 import Lease
from tests.support.registry import NOW


class Etcd:
    def __init__(self, error: str = "") -> None:
        self.error = error

    async def current_revision(self) -> int:
        if self.error:
            raise Unavailable(self.error)
        return 1


class Leases:
    def __init__(self, **leases: Any) -> None:
        self.leases = leases

    async def find(self, name: str, namespace: str = "") -> Any:
        return self.leases.get(name.replace("-", "_")) if namespace == "kube-system" else None


def lease(holder: str = "me", ago: float = 1, seconds: int = 15) -> dict[str, Any]:
    renewed = (datetime.now(UTC) - timedelta(seconds=ago)).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    return {"spec": {"holderIdentity": holder, "leaseDurationSeconds": seconds, "renewTime": renewed}}


async def rows(statuses: ComponentStatuses, **wanted: Any) -> list[list[Any]]:
    found = await statuses.list(Selection("", **wanted))
    assert isinstance(found, Snapshot) and not found.remaining
    model = statuses.strategy.model
    return [statuses.strategy.row(model.from_json(entry.body), NOW) for entry in found.items]


async def test_what_is_known() -> None:
    assert await rows(ComponentStatuses(Etcd(), Leases(kube_scheduler=lease()))) == [  # type: ignore[arg-type]
        ["controller-manager", "Unknown", "", ""],
        ["scheduler", "Healthy", "ok", ""],
        ["etcd-0", "Healthy", "ok", ""],
    ]
    ill = ComponentStatuses(Etcd("no answer"), Leases(kube_scheduler=lease(ago=60)))  # type: ignore[arg-type]
    assert [row[1:3] for row in await rows(ill)] == [
        ["Unknown", ""], ["Unhealthy", "me no longer renews its lease"], ["Unhealthy", "no answer"],
    ]  # fmt: skip


async def test_reading() -> None:
    statuses = ComponentStatuses(Etcd(), Leases())  # type: ignore[arg-type]
    entry = await statuses.get(statuses.key("", "etcd-0"))
    assert entry is not None and b'"Healthy"' in entry.body
    assert await statuses.get("nobody") is None
    assert str(statuses.missing("x").message) == 'componentstatuses "x" not found'
    assert [row[0] for row in await rows(statuses, fields=fields.parse("metadata.name=etcd-0"))] == ["etcd-0"]
    assert await rows(statuses, labels=labels.parse("a=b")) == []
    page = await statuses.list("")
    assert isinstance(page, Page) and len(page.items) == 3


def test_leases() -> None:
    assert led(Lease.from_dict({"spec": {}}), NOW).message == "nobody leads"
    assert led(Lease.from_dict({"spec": {"holderIdentity": "me"}}), NOW).status == "False"
