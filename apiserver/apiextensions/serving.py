"""Custom resources come and go while the server runs: watches definitions, keeps a Store for each served version.

Every server follows the watch cache by itself and serves what it sees; all of them write a definition's status and
empty a kind whose definition is deleted, and whoever is second finds nothing left to do.
Real Kubernetes: customresource_handler.go, pkg/controller/finalizer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.apiextensions import definitions
from apiserver.apiextensions.conversion_webhook import Client, WebhookConversion
from apiserver.apiextensions.definition_store import PATIENCE_SECONDS, DefinitionStore
from apiserver.apiextensions.definitions import FINALIZER
from apiserver.apiextensions.resource import CustomResource, resource_of, served_versions
from apiserver.apiextensions.strategy import CustomResourceStrategy
from apiserver.apiextensions.versions import Convert, View, rewritten
from apiserver.ensure import Stores
from apiserver.registry.deletion import DeleteOptions
from apiserver.registry.metadata import stamp
from apiserver.registry.store import Store
from apiserver.storage.cache import Cache
from apiserver.storage.interface import Emission, Selection, Storage, StorageError
from apiserver.user import ITSELF
from machinery.api.errors import ApiError, NotFound

log = logging.getLogger(__name__)

Doc = dict[str, Any]
PLACE = ("apiextensions.k8s.io", "v1", "customresourcedefinitions")
LOOK_AGAIN_SECONDS = 1.0
_PENDING = ("True", "InstanceDeletionInProgress", "CustomResource deletion is in progress")


class CustomResources:
    """Wants the stores (which it adds to), who asks webhooks, and whom to tell when something else is served."""

    def __init__(
        self, stores: Stores, storage: Storage, cache: Cache, *, client: Client, changed: Callable[[], None]
    ) -> None:
        self._stores, self._storage, self._cache, self._chain = stores, storage, cache, stores[PLACE].chain
        self._client, self.changed = client, changed
        self._definitions = stores[PLACE]
        stores[PLACE] = for_clients = DefinitionStore(self._definitions.strategy, storage, cache, self._chain)
        for_clients.reached = self.reached
        self._revision, self._moved = 0, asyncio.Event()
        self._known: dict[str, Doc] = {}
        self._served: dict[str, tuple[Doc, list[tuple[str, str, str]]]] = {}
        """By definition: what its stores were made from, and where they are."""
        self._to_write: asyncio.Queue[str] = asyncio.Queue()
        self._waiting: set[str] = set()

    async def load(self) -> None:
        """Serve what is defined already."""
        snapshot = await self._definitions.cacher.list(Selection(self._definitions.prefix), resource_version=0)
        for entry in snapshot.items:
            self._take(orjson.loads(entry.body))
        self._revision = snapshot.revision
        self.changed()

    async def reached(self, revision: int) -> None:
        """Returns when the definitions are served as they were at this revision, or when that takes too long."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE_SECONDS):
                while self._revision < revision:
                    await self._moved.wait()

    async def run(self) -> None:
        """Follow the definitions until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._follow(), name="definitions")
            tasks.create_task(self._write_all(), name="definitions' status")

    # --- what is served

    async def _follow(self) -> None:
        while True:
            with contextlib.suppress(StorageError):
                async with await self._definitions.cacher.watch(Selection(self._definitions.prefix)) as watcher:
                    self._forget_missing()
                    async for emissions in watcher:
                        self._take_all(emissions)
            await asyncio.sleep(LOOK_AGAIN_SECONDS)

    def _forget_missing(self) -> None:
        """After a gap: what went meanwhile is no longer in the cache."""
        for name in tuple(self._known):
            if self._definitions.cacher.peek(self._definitions.key("", name)) is None:
                self._drop(name)

    def _take_all(self, emissions: Any) -> None:
        before = dict(self._served)
        for emission in emissions:
            self._take_one(emission)
        if before != self._served:
            self.changed()
        self._revision = max(self._revision, *(each.revision for each in emissions), 0)
        self._moved.set()
        self._moved = asyncio.Event()

    def _take_one(self, emission: Emission) -> None:
        if emission.type == "BOOKMARK":
            return
        definition = orjson.loads(emission.body)
        if emission.type == "DELETED":
            self._drop(definition["metadata"]["name"])
        else:
            self._take(definition)

    def _take(self, definition: Doc) -> None:
        """Serve it as it is now. Its status, if it must change, is written by somebody else."""
        name = definition["metadata"]["name"]
        self._known[name] = definition
        others = [each for key, each in self._known.items() if key != name]
        definition = {**definition, "status": definitions.status(definition, others, stamp(datetime.now(UTC)))}
        made_from = self._essence(definition) if definitions.established(definition) else {}
        if self._served.get(name, ({}, []))[0] != made_from:
            self._replace(name, definition, made_from)
        self._ask_for(name)

    @staticmethod
    def _essence(definition: Doc) -> Doc:
        """All that stores depend on."""
        names, meta = definition["status"]["acceptedNames"], definition["metadata"]
        return {"spec": definition["spec"], "names": names, "uid": meta["uid"], "ends": "deletionTimestamp" in meta}

    def _drop(self, name: str) -> None:
        self._known.pop(name, None)
        self._replace(name, {}, {})
        for other in self._known:
            self._ask_for(other)

    def _replace(self, name: str, definition: Doc, made_from: Doc) -> None:
        _, places = self._served.pop(name, ({}, []))
        for place in places:
            self._stores.pop(place, None)
        self._cache.forget(f"/registry/{name}/")
        if made_from:
            made = self._made(definition)
            self._stores.update(made)
            self._served[name] = (made_from, list(made))

    def _made(self, definition: Doc) -> Stores:
        """A Store per version that is served; all see the same stored objects."""
        spec = definition["spec"]
        versions = {each["name"]: each for each in spec["versions"]}
        stored = next(each["name"] for each in spec["versions"] if each.get("storage"))
        convert = self._conversion(definition)
        made: Stores = {}
        for version in served_versions(definition):
            resource = resource_of(definition, versions[version["name"]])
            store = self._store(definition, resource, version=version, view=self._view(resource, stored, convert))
            made[resource.group, resource.version, resource.plural] = store
        return made

    @staticmethod
    def _view(resource: CustomResource, stored: str, convert: Convert) -> View:
        return View(resource.model, f"{resource.group}/{stored}", convert)

    def _store(self, definition: Doc, resource: CustomResource, *, version: Doc, view: View) -> Store:
        ends = "deletionTimestamp" in definition["metadata"]
        alike = (definition["spec"].get("conversion") or {}).get("strategy") != "Webhook"
        strategy = CustomResourceStrategy(resource, version, terminating=ends, alike=alike)
        return Store(strategy, view.storage(self._storage), view.cache(self._cache), self._chain)

    def _conversion(self, definition: Doc) -> Convert:
        conversion = definition["spec"].get("conversion") or {}
        if conversion.get("strategy") != "Webhook":
            return rewritten
        return WebhookConversion(conversion["webhook"], definition["spec"]["names"]["kind"], self._client)

    # --- what is written

    def _ask_for(self, name: str) -> None:
        if name not in self._waiting:
            self._waiting.add(name)
            self._to_write.put_nowait(name)

    async def _write_all(self) -> None:
        while True:
            name = await self._to_write.get()
            self._waiting.discard(name)
            try:
                await self._write(name)
            except (ApiError, StorageError) as error:
                log.info("%s: trying again: %s", name, error)
                asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._ask_for, name)

    async def _write(self, name: str) -> None:
        definition = self._known.get(name)
        if definition is None:
            return
        others = [each for key, each in self._known.items() if key != name]
        wanted = definitions.status(definition, others, stamp(datetime.now(UTC)))
        if wanted != definition.get("status"):
            await self._update_status(name, lambda now: {**now, "status": definitions.status(now, others, _now())})
        if "deletionTimestamp" in definition["metadata"]:
            await self._clean(name, definition)

    async def _update_status(self, name: str, change: Callable[[Doc], Doc]) -> None:
        async def changed(old: Doc) -> Doc:
            return change(old)

        with contextlib.suppress(NotFound):
            await self._definitions.update(_attributes(self._definitions, "UPDATE", name, "status"), changed)

    async def _clean(self, name: str, definition: Doc) -> None:
        """Delete every object of the kind; let the definition go when none is left."""
        if FINALIZER not in definition["metadata"].get("finalizers", ()):
            return
        left = await self._delete_all(name)
        if left:
            await self._update_status(name, lambda now: definitions.with_terminating(now, _PENDING, _now()))
            asyncio.get_running_loop().call_later(LOOK_AGAIN_SECONDS, self._ask_for, name)
            return

        async def released(old: Doc) -> Doc:
            kept = [each for each in old["metadata"].get("finalizers", ()) if each != FINALIZER]
            return {**old, "metadata": {**old["metadata"], "finalizers": kept}}

        with contextlib.suppress(NotFound):
            await self._definitions.update(_attributes(self._definitions, "UPDATE", name), released)

    async def _delete_all(self, name: str) -> int:
        """How many are left."""
        _, places = self._served.get(name, ({}, []))
        if not places:
            return 0
        store = self._stores[places[0]]
        for entry in (await store.cacher.list(Selection(store.prefix))).items:
            meta = orjson.loads(entry.body)["metadata"]
            given = _attributes(store, "DELETE", meta["name"], namespace=meta.get("namespace", ""))
            with contextlib.suppress(NotFound):
                await store.delete(given, DeleteOptions())
        return len((await store.cacher.list(Selection(store.prefix))).items)


def _now() -> str:
    return stamp(datetime.now(UTC))


def _attributes(store: Store, operation: str, name: str, subresource: str = "", *, namespace: str = "") -> Attributes:
    return Attributes(operation, store.resource, namespace, name, ITSELF, subresource)
