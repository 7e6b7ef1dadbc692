"""Keeps an APIService for each group and version that this server answers for itself.

Watches APIServices and writes them: those of built-in groups once after each start, those of custom resources for as
long as the definitions are there. Whose label `kube-aggregator.kubernetes.io/automanaged` is taken off is its owner's.
Real Kubernetes: kube-aggregator's pkg/controllers/{autoregister,status/local}, pkg/controlplane/controller/
crdregistration.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.aggregator.priorities import GroupVersion, usual
from apiserver.ensure import Stores
from apiserver.registry.apiregistration.api_service import GROUP, PLACE, local_condition
from apiserver.registry.deletion import DeleteOptions
from apiserver.registry.metadata import stamp
from apiserver.storage.interface import Entry, StorageError
from apiserver.user import ITSELF
from machinery.api.errors import AlreadyExists, ApiError, NotFound

log = logging.getLogger(__name__)

Doc = dict[str, Any]
MANAGED = "kube-aggregator.kubernetes.io/automanaged"
ON_START, ALWAYS = "onstart", "true"
LOOK_AGAIN_SECONDS = 1.0


def local(group: str, version: str, managed: str) -> Doc:
    """The APIService of what is served here."""
    priority = usual(group, version)
    spec = {"groupPriorityMinimum": priority.group, "versionPriority": priority.version}
    return {
        "apiVersion": "apiregistration.k8s.io/v1", "kind": "APIService",
        "metadata": {"name": f"{version}.{group}", "labels": {MANAGED: managed}},
        "spec": {**({"group": group} if group else {}), "version": version, **spec},
    }  # fmt: skip


def plan(current: Doc | None, wanted: Doc | None, *, synced: bool, at_start: bool) -> str:
    """create, update, delete, or nothing: what is to be done about the APIService of one name.

    `synced`: it was as we want it once since this server began; `at_start`: it was there already when it began.
    """
    managed, wish = _managed(current), _managed(wanted)
    if current is None:
        return "create" if wanted is not None and not (wish == ON_START and synced) else ""
    if not managed or (wish == ON_START and synced) or (managed == ON_START and (synced or not at_start)):
        return ""
    if wanted is None:
        return "delete"
    return "update" if current["spec"] != wanted["spec"] else ""


def _managed(obj: Doc | None) -> str:
    label = ((obj or {}).get("metadata", {}).get("labels") or {}).get(MANAGED, "")
    return label if label in (ON_START, ALWAYS) else ""


def lacks_condition(obj: Doc) -> bool:
    """Whether it is served here, and does not say so."""
    if obj["spec"].get("service") is not None:
        return False
    rows = obj.get("status", {}).get("conditions", ())
    return not any(row["type"] == "Available" and row.get("reason") == "Local" for row in rows)


class Registration:
    """Wants the stores before any custom resource is served: whatever comes later is one."""

    def __init__(self, stores: Stores) -> None:
        self._stores, self._store = stores, stores[PLACE]
        self._built_in = _group_versions(stores)
        self._synced: set[str] = set()
        self._at_start: set[str] = set()
        self._starting = True
        self._custom: set[GroupVersion] = set()
        self._doubted: set[str] = set()
        """APIServices that seem to be left over. Their definition may only not have been seen yet."""
        self._queue: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()

    def serve(self) -> None:
        """What is served may have changed."""
        now = _group_versions(self._stores) - self._built_in
        changed, self._custom = now ^ self._custom, now
        for group, version in changed:
            self._ask_for(f"{version}.{group}")

    async def run(self) -> None:
        """Until cancelled."""
        self._store.cacher.follow(self._seen)
        self._starting = False
        for group, version in sorted(self._built_in):
            self._ask_for(f"{version}.{group}")
        while True:
            name = await self._queue.get()
            self._waiting.discard(name)
            try:
                await self._sync(name)
            except (ApiError, StorageError) as error:
                log.info("APIService %s: trying again: %s", name, error)
                self._ask_later(name)

    def _seen(self, old: Entry | None, new: Entry | None) -> None:
        name = (new or old).key.rpartition("/")[2]
        if self._starting:
            self._at_start.add(name)
        self._ask_for(name)

    def _ask_later(self, name: str) -> None:
        asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._ask_for, name)

    def _ask_for(self, name: str) -> None:
        if name not in self._waiting:
            self._waiting.add(name)
            self._queue.put_nowait(name)

    def _wanted(self, name: str) -> Doc | None:
        version, _, group = name.partition(".")
        if (group, version) in self._built_in:
            return local(group, version, ON_START)
        return local(group, version, ALWAYS) if (group, version) in self._custom else None

    async def _sync(self, name: str) -> None:
        current, wanted = await self._store.find(name), self._wanted(name)
        doubted = name in self._doubted
        self._doubted.discard(name)
        match plan(current, wanted, synced=name in self._synced, at_start=name in self._at_start):
            case "create":
                await self._create(wanted or {})
            case "update":
                await self._update(name, lambda now: {**now, "spec": (wanted or {})["spec"]})
            case "delete" if not doubted:
                self._doubted.add(name)
                self._ask_later(name)
                return
            case "delete":
                log.info("APIService %s: nothing of it is served here any more", name)
                await self._delete(name)
            case _ if current is not None and lacks_condition(current):
                await self._update(name, _available_here, "status")
        self._synced.add(name)

    async def _create(self, obj: Doc) -> None:
        attributes = Attributes("CREATE", self._store.resource, "", obj["metadata"]["name"], ITSELF)
        try:
            await self._store.create(attributes, self._store.strategy.model.from_dict(obj).to_dict())
        except AlreadyExists:
            log.debug("APIService %s was made by another server", obj["metadata"]["name"])

    async def _update(self, name: str, change: Callable[[Doc], Doc], subresource: str = "") -> None:
        async def changed(old: Doc) -> Doc:
            return change(old)

        attributes = Attributes("UPDATE", self._store.resource, "", name, ITSELF, subresource)
        try:
            await self._store.update(attributes, changed)
        except NotFound:
            log.debug("APIService %s is gone", name)

    async def _delete(self, name: str) -> None:
        attributes = Attributes("DELETE", self._store.resource, "", name, ITSELF)
        try:
            await self._store.delete(attributes, DeleteOptions())
        except NotFound:
            log.debug("APIService %s is gone already", name)


def _available_here(obj: Doc) -> Doc:
    others = [row for row in obj.get("status", {}).get("conditions", ()) if row["type"] != "Available"]
    return {**obj, "status": {"conditions": [*others, local_condition(stamp(datetime.now(UTC)))]}}


def _group_versions(places: Iterable[tuple[str, str, str]]) -> set[GroupVersion]:
    """The group that describes all this is not described itself."""
    return {(group, version) for group, version, _ in places if group != GROUP}
