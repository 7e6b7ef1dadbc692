"""The APIServices as they are now: whose requests go elsewhere, and what discovery and OpenAPI tell of that.

Watches APIServices; Services and EndpointSlices only from the first APIService on that names a Service, so that a
server without any pays nothing. Writes the condition Available of those.
Real Kubernetes: kube-aggregator's pkg/apiserver/{apiserver,apiservice_controller}.go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.aggregator.others import Others
from apiserver.aggregator.priorities import GroupVersion, Priority, said, usual
from apiserver.aggregator.registration import Registration
from apiserver.config import Config
from apiserver.ensure import Stores
from apiserver.registry.apiregistration.api_service import GROUP, PLACE
from apiserver.registry.metadata import stamp
from apiserver.request_info import RequestInfo
from apiserver.storage.interface import Entry, Selection
from apiserver.user import ITSELF
from machinery.api import labels
from machinery.api.errors import NotFound
from machinery.component.metrics import Gauge

if TYPE_CHECKING:
    from apiserver.aggregator.availability import Finding
    from apiserver.aggregator.extension import Extension, Surroundings

log = logging.getLogger(__name__)

Doc = dict[str, Any]
SERVICES, SLICES = ("", "v1", "services"), ("discovery.k8s.io", "v1", "endpointslices")
SERVICE_NAME = "kubernetes.io/service-name"
UNAVAILABLE = Gauge(
    "aggregator_unavailable_apiservice", "Whether an APIService that names a Service is away.", ("name",)
)


class Aggregation:
    """Wants the stores before any custom resource is served. Calls `changed` when `others` are not what they were."""

    def __init__(self, config: Config, stores: Stores) -> None:
        self._config, self._stores, self._store = config, stores, stores[PLACE]
        self._around: Surroundings | None = None
        self.registration = Registration(stores)
        self.changed: Callable[[], None] = lambda: None
        self.extensions: dict[GroupVersion, Extension] = {}
        """Empty as long as no APIService names a Service: requests ask for no more than that."""
        self._priorities: dict[GroupVersion, Priority] = {}
        self._tasks: asyncio.TaskGroup | None = None
        self._running: dict[GroupVersion, asyncio.Task[None]] = {}
        self._describing = False
        UNAVAILABLE.ask = lambda: {(each.name,): float(not each.available) for each in self.extensions.values()}

    async def run(self) -> None:
        """Know what is there, and every change; look after all of them until cancelled."""
        try:
            async with asyncio.TaskGroup() as self._tasks:
                self._store.cacher.follow(self._seen)
                self._tasks.create_task(self.registration.run(), name="APIServices of what is served here")
        finally:
            self._tasks = None
            if self._around is not None:
                await self._around.relay.close()

    def of(self, info: RequestInfo) -> Extension | None:
        """Whose request this is, if it is not for us."""
        if info.is_resource:
            return self.extensions.get((info.group, info.version))
        root = info.path.removeprefix("/openapi/v3").strip("/").split("/")
        match root:
            case ["apis", group, version]:
                return self.extensions.get((group, version))
            case ["api", version]:
                return self.extensions.get(("", version))
        return None

    def others(self) -> Others:
        """What discovery and OpenAPI shall tell of it."""
        named = {served: each for served, each in self.extensions.items() if served[0]}
        described = {each.root: each.known.openapi for each in named.values()}
        return Others(
            priorities=dict(self._priorities),
            versions={served: each.entry() for served, each in named.items()},
            locations={root: each.location for root, each in described.items() if each.location},
            documents=tuple(each.version2 for each in described.values() if each.version2 is not None),
        )

    # --- what is seen

    def _seen(self, old: Entry | None, new: Entry | None) -> None:
        before, now = (None if entry is None else orjson.loads(entry.body) for entry in (old, new))
        if before is not None and (now is None or _served(now) != _served(before)):
            self._forget(_served(before))
        if now is not None:
            self._take(_served(now), now)

    def _take(self, served: GroupVersion, obj: Doc) -> None:
        told = said(obj["spec"])
        if told != self._priorities.get(served, usual(*served)):
            self._describe_soon()
        self._priorities[served] = told
        if obj["spec"].get("service") is None or served[0] == GROUP:
            self._drop(served)
        elif served in self.extensions:
            was = self.extensions[served].available
            self.extensions[served].update(obj)
            if was != self.extensions[served].available:
                self._describe_soon()
        else:
            self.extensions[served] = self._extension(obj)
            self._look_after(served)
            self._describe_soon()

    def _forget(self, served: GroupVersion) -> None:
        if self._priorities.pop(served, None) not in (None, usual(*served)):
            self._describe_soon()
        self._drop(served)

    def _drop(self, served: GroupVersion) -> None:
        if self.extensions.pop(served, None) is not None:
            if served in self._running:
                self._running.pop(served).cancel()
            self._describe_soon()

    def _look_after(self, served: GroupVersion) -> None:
        if self._tasks is not None:
            extension = self.extensions[served]
            self._running[served] = self._tasks.create_task(extension.run(), name=f"APIService {extension.name}")

    def _describe_soon(self) -> None:
        """Many changes at once are told once."""
        if not self._describing:
            self._describing = True
            asyncio.get_running_loop().call_soon(self._describe)

    def _describe(self) -> None:
        self._describing = False
        self.changed()

    def _extension(self, obj: Doc) -> Extension:
        """With the first one comes all that only extensions need."""
        from apiserver.aggregator.extension import Extension, Surroundings
        from apiserver.aggregator.identity import FrontProxy
        from apiserver.aggregator.relay import Relay

        if self._around is None:
            proxy = FrontProxy.of(self._config)
            self._around = Surroundings(Relay(), proxy, self._behind, self._tell, self._describe_soon)
            self._stores[SERVICES].cacher.follow(self._service_seen)
            self._stores[SLICES].cacher.follow(self._slice_seen)
        return Extension(obj, self._around)

    def _service_seen(self, old: Entry | None, new: Entry | None) -> None:
        if self.extensions:
            *_, namespace, name = (new or old).key.split("/")
            self._wake(namespace, name)

    def _slice_seen(self, old: Entry | None, new: Entry | None) -> None:
        if self.extensions:
            entry = new or old
            self._wake(entry.key.split("/")[-2], entry.labels.get(SERVICE_NAME, ""))

    def _wake(self, namespace: str, name: str) -> None:
        for each in self.extensions.values():
            if (each.reference["namespace"], each.reference["name"]) == (namespace, name):
                each.wake()

    # --- what extensions ask of us

    async def _behind(self, reference: Doc) -> tuple[Doc | None, list[Doc]]:
        name, namespace, slices = reference["name"], reference["namespace"], self._stores[SLICES]
        wanted = Selection(slices.scope(namespace), labels.from_labels({SERVICE_NAME: name}))
        found = (await slices.cacher.list(wanted, resource_version=0)).items
        service = await self._stores[SERVICES].find(name, namespace)
        return service, [orjson.loads(entry.body) for entry in found]

    async def _tell(self, name: str, finding: Finding) -> None:
        """No write without a change."""
        from apiserver.aggregator.availability import with_condition

        now = stamp(datetime.now(UTC))

        async def told(obj: Doc) -> Doc:
            if obj["spec"].get("service") is None:
                return obj
            return {**obj, "status": with_condition(obj.get("status", {}), finding, now)}

        current = await self._store.find(name)
        if current is None or await told(current) == current:
            return
        log.info("APIService %s: Available is %s: %s: %s", name, *finding)
        attributes = Attributes("UPDATE", self._store.resource, "", name, ITSELF, "status")
        try:
            await self._store.update(attributes, told)
        except NotFound:
            log.debug("APIService %s is gone", name)


def _served(obj: Doc) -> GroupVersion:
    spec = obj["spec"]
    return spec.get("group", ""), spec.get("version", "")
