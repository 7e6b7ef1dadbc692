"""Create, update and delete for every kind, written once: the order of steps is Kubernetes' own.

decode (before) -> default -> owners of fields -> admit -> prepare -> validate -> admit -> store. A Store is one
kind's view of storage; what the kind decides for itself is its Strategy. Writes are compare-and-swap on the revision
that was read.
Real Kubernetes: k8s.io/apiserver/pkg/registry/generic/registry/store.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import uuid
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.admission.chain import Chain
from apiserver.registry import deletion, metadata, ownership
from apiserver.registry.deletion import DeleteOptions
from apiserver.registry.strategy import Reservation, Strategy
from apiserver.registry.typed import TypedObjects
from apiserver.storage.body import splice
from apiserver.storage.interface import (
    CachedResource,
    Cacher,
    KeyExists,
    KeyMissing,
    RevisionConflict,
    Storage,
    StorageError,
    Stored,
    Unavailable,
    WatchCache,
)
from machinery.api.errors import AlreadyExists, Conflict, FieldError, Invalid, NotFound

_NAMES_TO_TRY = 8
Doc = dict[str, Any]
Transform = Callable[[Doc], Awaitable[Doc]]
"""From the object as it is to the object as the writer wants it."""


@dataclass(frozen=True, slots=True)
class Deleted:
    """What became of a DELETE: gone at once, or marked and still there."""

    body: bytes
    gone: bool


class _Finished(Exception):
    def __init__(self, stored: Stored) -> None:
        self.stored = stored


class Store:
    """One kind's objects. Wants a Strategy, the storage, the watch cache and the admission chain."""

    def __init__(self, strategy: Strategy, storage: Storage, cache: WatchCache, chain: Chain) -> None:
        self.strategy = strategy
        self.resource = strategy.resource
        self.prefix = f"/registry/{strategy.stored_under}/"
        self._storage = storage
        self._chain = chain
        self._typed = TypedObjects(strategy.model)
        self.cacher: Cacher = cache.resource(
            CachedResource(
                self.prefix,
                self.resource.api_version,
                self.resource.kind,
                self.fields_of,
                strategy.indexes,
            )
        )

    @property
    def chain(self) -> Chain:
        return self._chain

    @property
    def storage(self) -> Storage:
        return self._storage

    def key(self, namespace: str, name: str) -> str:
        return f"{self.prefix}{namespace}/{name}" if self.resource.namespaced else self.prefix + name

    def scope(self, namespace: str) -> str:
        """The prefix of a namespace's objects, or of all."""
        return f"{self.prefix}{namespace}/" if namespace and self.resource.namespaced else self.prefix

    async def find(self, name: str, namespace: str = "") -> Doc | None:
        """An object by name, for other parts of this server."""
        entry = await self.cacher.get(self.key(namespace, name), 0)
        return None if entry is None else orjson.loads(entry.body)

    def fields_of(self, obj: Any) -> dict[str, str]:
        meta = obj["metadata"]
        values = {"metadata.name": meta.get("name", "")}
        if self.resource.namespaced:
            values["metadata.namespace"] = meta.get("namespace", "")
        return values | self.strategy.selectable(obj)

    @cached_property
    def selectable_fields(self) -> frozenset[str]:
        own, strategy = {"metadata.name"}, self.strategy
        if self.resource.namespaced or not strategy.selectable_fields:
            own.add("metadata.namespace")
        return frozenset(own | set(strategy.selectable_fields) | set(strategy.field_aliases))

    # --- create ---

    async def create(self, attributes: Attributes, doc: Doc) -> bytes:
        """Store a new object and return it as stored. A generated name that is taken is drawn again."""
        meta = doc.setdefault("metadata", {})
        if meta.get("name") or not meta.get("generateName"):
            return await self._create(attributes, doc)
        given = orjson.dumps(doc)
        for _ in range(_NAMES_TO_TRY - 1):
            with contextlib.suppress(AlreadyExists):
                return await self._create(attributes, doc)
            doc = orjson.loads(given)
        return await self._create(attributes, doc)

    async def _create(self, attributes: Attributes, doc: Doc) -> bytes:
        strategy, meta = self.strategy, doc["metadata"]
        metadata.check_namespace(meta, attributes.namespace)
        metadata.check_new(meta)
        generated = not meta.get("name") and bool(meta.get("generateName"))
        strategy.default(doc)
        metadata.fill_for_create(
            meta, namespace=attributes.namespace, uid=str(uuid.uuid4()), now=datetime.now(UTC)
        )
        doc = attributes.owners(None, doc)
        entries = ownership.taken_from(doc)
        meta, attributes = doc["metadata"], replace(attributes, name=meta.get("name", ""))
        await self._chain.admit(attributes, doc, None)
        strategy.note_creator(doc, attributes.user)
        strategy.prepare_for_create(doc)
        reservation = strategy.reservation(dry_run=attributes.dry_run)
        try:
            typed = self._valid(doc)
            if await reservation.fill(doc, None):
                typed = self._typed.of(doc)
            await self._chain.validate(attributes, doc, None)
            attributes.warnings.extend(strategy.warnings(typed))
            body = ownership.written_with(typed.to_json(), typed.metadata, entries)
            if attributes.dry_run:
                await self._refuse_existing(meta)
                return body
            stored = await self._storage.create(self.key(attributes.namespace, meta["name"]), body, ttl=strategy.ttl)
        except BaseException as error:
            await _given_up(reservation, attributes, error)
            if isinstance(error, KeyExists):
                raise self._exists(meta["name"], generated) from None
            raise
        await reservation.keep()
        self._remember(stored, typed, doc)
        return stored.body

    def _remember(self, stored: Stored, typed: Any, doc: Doc) -> None:
        if self.strategy.conversion is None:  # else the text that is read may say less than what was written
            self._typed.remember(stored.key, stored.body, typed)
            self.cacher.written(stored, doc)

    def _valid(self, doc: Doc) -> Any:
        """The typed object; Invalid with everything that is wrong with it."""
        typed = self._typed.of(doc)
        found = [
            *metadata.errors(
                typed.metadata, namespaced=self.resource.namespaced, name_errors=self.strategy.name_errors
            ),
            *self.strategy.validate(typed),
        ]
        self._raise_invalid(typed.metadata.name or typed.metadata.generate_name, found)
        return typed

    def _raise_invalid(self, name: str, found: list[FieldError]) -> None:
        if found:
            raise Invalid(self.resource.kind, name, found, group=self.resource.group)

    async def _refuse_existing(self, meta: Doc) -> None:
        if await self._storage.get(self.key(meta.get("namespace", ""), meta["name"])) is not None:
            raise self._exists(meta["name"], False)

    def _exists(self, name: str, generated: bool) -> AlreadyExists:
        return AlreadyExists(self.resource.plural, name, group=self.resource.group, generated=generated)

    # --- update and patch ---

    async def update(self, attributes: Attributes, transform: Transform) -> bytes:
        """Read, transform, prepare, validate, swap; again from the start when somebody was faster."""
        key = self.key(attributes.namespace, attributes.name)
        reservation = self.strategy.reservation(dry_run=attributes.dry_run)
        preview: list[bytes] = []
        written: tuple[Any, Doc] = None, {}

        async def mutate(stored: Stored | None) -> bytes | None:
            nonlocal written
            if stored is None:
                raise self.missing(attributes.name)
            body, typed, doc = await self._updated(attributes, stored, transform, reservation)
            written = typed, doc
            if attributes.dry_run:
                preview[:] = [splice(body, stored.revision) if body else stored.body]
                return None
            return body

        try:
            stored = await self._storage.guaranteed_update(
                key, mutate, suggestion=self.cacher.peek(key), ttl=self.strategy.ttl
            )
        except _Finished as finished:
            return await self._finish(attributes, finished.stored, transform)
        except BaseException as error:
            await _given_up(reservation, attributes, error)
            raise
        await reservation.keep()
        if preview:
            return preview[0]
        self._remember(stored, *written)
        return stored.body

    async def _updated(
        self, attributes: Attributes, stored: Stored, transform: Transform, reservation: Any
    ) -> tuple[bytes | None, Any, Doc]:
        """The text to write (None: it says the same as what is stored), and what it was made from, in both forms."""
        strategy, subresource = self.strategy, attributes.subresource
        old = orjson.loads(stored.body)
        doc = await transform(orjson.loads(stored.body))
        meta = doc.setdefault("metadata", {})
        metadata.check_against_url(meta, name=attributes.name, namespace=attributes.namespace)
        metadata.check_versions(
            self.resource, meta, old["metadata"], unconditional=strategy.allow_unconditional_update
        )
        strategy.default(doc)
        metadata.keep_for_update(meta, old["metadata"])
        doc = attributes.owners(old, doc)
        entries, before = ownership.taken_from(doc), ownership.taken_from(old)
        typed_old = self._typed.before(stored.key, stored.body, old)
        await self._chain.admit(attributes, doc, old)
        strategy.prepare(subresource, doc, old)
        typed = self._typed.after(doc, old, typed_old)
        self._raise_invalid(attributes.name, self._update_errors(subresource, typed, typed_old))
        if not subresource and await reservation.fill(doc, old):
            typed = self._typed.of(doc)
        await self._chain.validate(attributes, doc, old)
        attributes.warnings.extend(strategy.warnings(typed) if not subresource else ())
        if "deletionTimestamp" in doc["metadata"] and deletion.finished_by_update(strategy, doc):
            raise _Finished(stored)
        text = typed.to_json()
        if not stored.stale and ownership.same_owners(before, entries) and text == typed_old.to_json():
            return None, typed_old, doc
        return ownership.written_with(text, typed.metadata, entries), typed, doc

    def _update_errors(self, subresource: str, typed: Any, old: Any) -> list[FieldError]:
        own = self.strategy.validation(subresource)(typed, old)
        name_errors = self.strategy.name_errors
        return [
            *metadata.errors(typed.metadata, namespaced=self.resource.namespaced, name_errors=name_errors),
            *metadata.update_errors(typed.metadata, old.metadata),
            *own,
        ]

    async def _finish(self, attributes: Attributes, stored: Stored, transform: Transform) -> bytes:
        """The update took the last finalizer away: the object goes, if it is still the one that was read."""
        try:
            if not attributes.dry_run:
                stored = await self._remove(attributes, stored)
            return stored.body
        except RevisionConflict:
            return await self.update(attributes, transform)
        except KeyMissing:
            raise self.missing(attributes.name) from None

    def missing(self, name: str) -> NotFound:
        return NotFound(self.resource.plural, name, group=self.resource.group)

    # --- delete ---

    async def delete(self, attributes: Attributes, options: DeleteOptions) -> Deleted:
        """Carry out what `deletion.plan` decides, again from the start when the object changed meanwhile."""
        key = self.key(attributes.namespace, attributes.name)
        stored: Stored | None = await self.cacher.get(key, 0)
        while True:
            stored = stored or await self._storage.get(key)
            if stored is None:
                raise self.missing(attributes.name)
            try:
                return await self._delete_once(attributes, options, stored)
            except (RevisionConflict, Conflict) as error:
                fresh = await self._storage.get(key)
                if isinstance(error, Conflict) and fresh is not None and fresh.revision == stored.revision:
                    raise
                stored = fresh
            except KeyMissing:
                raise self.missing(attributes.name) from None

    async def _delete_once(self, attributes: Attributes, options: DeleteOptions, stored: Stored) -> Deleted:
        doc = orjson.loads(stored.body)
        deletion.check_preconditions(self.strategy, doc, options)
        await self._chain.validate(attributes, None, doc)
        match deletion.plan(self.strategy, doc, options, datetime.now(UTC)):
            case deletion.Keep():
                return Deleted(stored.body, gone=False)
            case deletion.Mark(obj):
                return Deleted(await self._mark(stored, obj, options), gone=False)
            case deletion.Remove():
                if not options.dry_run:
                    stored = await self._remove(attributes, stored)
                return Deleted(stored.body, gone=True)

    async def _mark(self, stored: Stored, obj: Doc, options: DeleteOptions) -> bytes:
        body = self._typed.of(obj).to_json()
        if options.dry_run:
            return splice(body, stored.revision)
        marked = await self._storage.guaranteed_update(
            stored.key, lambda _: body, expected_revision=stored.revision, suggestion=stored
        )
        return marked.body

    async def _remove(self, attributes: Attributes, stored: Stored) -> Stored:
        removed = await self._storage.delete(stored.key, expected_revision=stored.revision)
        await self.strategy.after_delete(orjson.loads(stored.body))
        return removed


async def _given_up(reservation: Reservation, attributes: Attributes, error: BaseException) -> None:
    """What was reserved goes back, unless the write may have happened: then only repair can know."""
    unknown = isinstance(error, Unavailable | asyncio.CancelledError) or type(error) is StorageError
    if not unknown:
        await reservation.release()
        await attributes.give_back()
