"""Storage on etcd v3: create, get, list, the one read-modify-write loop, delete, watch, compact.

Every write is a transaction that compares the key's mod_revision; every read is linearizable.
Between a text and etcd stands a Sealing, where a kind is encrypted at rest.
In Kubernetes: k8s.io/apiserver/pkg/storage/etcd3/store.go.
"""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import AsyncIterator, Iterable, Sequence
from typing import Self

import grpc
from aetcd import rpc

from apiserver.storage.body import raw_from, splice, unsplice
from apiserver.storage.connection import Connection, EtcdConfig, translate
from apiserver.storage.interface import (
    Change,
    Compacted,
    KeyExists,
    KeyMissing,
    LeaseLost,
    Mutate,
    Page,
    RevisionConflict,
    StorageError,
    Stored,
    Unavailable,
    Unreadable,
)
from apiserver.storage.keys import end_of
from apiserver.storage.leases import LeasePool
from apiserver.storage.measures import measured
from apiserver.storage.sealing import PLAIN, Sealing
from apiserver.storage.shared import SharedRead
from machinery.api.errors import ApiError

_CHUNK = 1000
_MOD = rpc.Compare.MOD
_DELETE = rpc.Event.DELETE
_EVERYTHING = b"\0"


def _range_of(prefix: str) -> tuple[bytes, bytes]:
    return (prefix.encode(), end_of(prefix).encode()) if prefix else (_EVERYTHING, _EVERYTHING)


def _unchanged(key: bytes, revision: int) -> rpc.Compare:
    return rpc.Compare(result=rpc.Compare.EQUAL, target=_MOD, key=key, mod_revision=revision)


def _put(key: bytes, value: bytes, lease: int) -> rpc.RequestOp:
    return rpc.RequestOp(request_put=rpc.PutRequest(key=key, value=value, lease=lease))


def _look(key: bytes) -> rpc.RequestOp:
    return rpc.RequestOp(request_range=rpc.RangeRequest(key=key))


class EtcdStorage:
    """`async with EtcdStorage(EtcdConfig(servers=(url,))) as storage`, inside the running loop."""

    def __init__(self, config: EtcdConfig, sealing: Sealing = PLAIN) -> None:
        self._sealing = sealing
        self._etcd = Connection(config)
        self._leases = LeasePool(self._etcd)
        self._revision = SharedRead(self._read_revision)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._etcd.close()

    async def check(self) -> str:
        """etcd's version; Unavailable says what is wrong with what is there."""
        status = await self._etcd.read(self._etcd.maintenance.Status, rpc.StatusRequest())
        return status.version

    def _stored(self, key: str, revision: int, data: bytes) -> Stored:
        """What etcd holds as what clients get."""
        raw, stale = self._sealing.open(key, data)
        return Stored(key, revision, splice(raw_from(raw), revision), stale)

    def _found(self, key: str, kvs: Sequence[rpc.KeyValue]) -> Stored | None:
        return self._stored(key, kvs[0].mod_revision, kvs[0].value) if kvs else None

    def _change(self, event: rpc.Event) -> Change:
        kv = event.kv
        key = kv.key.decode()
        if event.type == _DELETE:
            return Change(key, kv.mod_revision, None)
        try:
            return Change(key, kv.mod_revision, self._sealing.open(key, kv.value)[0])
        except Unreadable as error:
            return Change(key, kv.mod_revision, b"", error)

    @measured("create")
    async def create(self, key: str, body: bytes, *, ttl: int | None = None) -> Stored:
        raw, name = unsplice(body), key.encode()
        data = self._sealing.seal(key, raw)
        answer = await (self._lasting(name, data, 0, ttl=ttl) if ttl else self._put_if(name, data, 0))
        if not answer.succeeded:
            raise KeyExists(key)
        return Stored(key, answer.header.revision, splice(raw, answer.header.revision))

    @measured("get")
    async def get(self, key: str, revision: int = 0) -> Stored | None:
        request = rpc.RangeRequest(key=key.encode(), revision=revision)
        answer = await self._etcd.read(self._etcd.kv.Range, request, revision)
        return self._found(key, answer.kvs)

    @measured("list")
    async def list(
        self, prefix: str, *, limit: int = 0, after: str = "", revision: int = 0, unreadable: set[str] | None = None
    ) -> Page:
        items: list[Stored] = []
        while True:
            size = min(_CHUNK, limit - len(items)) if limit else _CHUNK
            answer = await self._range(prefix, after, size, revision)
            # The first chunk fixes the revision: the rest is read as of then.
            revision = revision or answer.header.revision
            for kv in answer.kvs:
                after = kv.key.decode()
                try:
                    items.append(self._stored(after, kv.mod_revision, kv.value))
                except Unreadable:
                    if unreadable is None:
                        raise
                    unreadable.add(after)
            if not answer.more or (limit and len(items) >= limit):
                return Page(items, revision, answer.more, answer.count - len(answer.kvs))

    async def _range(self, prefix: str, after: str, limit: int, revision: int) -> rpc.RangeResponse:
        start, end = _range_of(prefix)
        if after:
            start = after.encode() + b"\0"
        request = rpc.RangeRequest(key=start, range_end=end, limit=limit, revision=revision)
        return await self._etcd.read(self._etcd.kv.Range, request, revision)

    async def guaranteed_update(
        self,
        key: str,
        mutate: Mutate,
        *,
        expected_revision: int | None = None,
        ttl: int | None = None,
        suggestion: Stored | None = None,
    ) -> Stored:
        current = suggestion
        if current is not None:
            raw = await _tentative(mutate, current, expected_revision)
            if raw is not None:
                written, current = await self._swap(key, raw, current.revision, ttl)
                if written:
                    return written
            else:
                current = await self.get(key)
        else:
            current = await self.get(key)
        while True:
            raw = await _wanted(mutate, current, expected_revision, key)
            if raw is None and current:
                return current
            if raw is None:
                raise KeyMissing(key)
            written, current = await self._swap(key, raw, current.revision if current else 0, ttl)
            if written:
                return written

    @measured("update")
    async def _swap(self, key: str, raw: bytes, revision: int, ttl: int | None) -> tuple[Stored | None, Stored | None]:
        """Compare-and-swap: (what was written, None), or (None, what is there instead)."""
        name, data = key.encode(), self._sealing.seal(key, raw)
        answer = await (self._lasting(name, data, revision, ttl=ttl) if ttl else self._put_if(name, data, revision))
        if answer.succeeded:
            return Stored(key, answer.header.revision, splice(raw, answer.header.revision)), None
        return None, self._found(key, answer.responses[0].response_range.kvs)

    @measured("delete")
    async def delete(self, key: str, *, expected_revision: int | None = None) -> Stored:
        name = key.encode()
        compare = () if expected_revision is None else (_unchanged(name, expected_revision),)
        remove = rpc.RequestOp(request_delete_range=rpc.DeleteRangeRequest(key=name, prev_kv=True))
        answer = await self._txn(compare, (remove,), (_look(name),))
        if answer.succeeded and (gone := answer.responses[0].response_delete_range.prev_kvs):
            return self._stored(key, answer.header.revision, gone[0].value)
        current = None if answer.succeeded else self._found(key, answer.responses[0].response_range.kvs)
        if current is None:
            raise KeyMissing(key)
        raise RevisionConflict(key, expected_revision or 0, current)

    async def watch(self, prefix: str, from_revision: int = 0) -> AsyncIterator[Sequence[Change]]:
        start, end = _range_of(prefix)
        first = from_revision + 1 if from_revision else 0
        create = rpc.WatchCreateRequest(key=start, range_end=end, start_revision=first)
        # A member that lost the others ends the stream, rather than fall silent.
        call = self._etcd.watch.Watch(metadata=(("hasleader", "true"),))
        try:
            await call.write(rpc.WatchRequest(create_request=create))
            async for response in call:
                # A compacted revision is answered by `created` first and only then by `canceled`.
                if response.canceled and not response.compact_revision:
                    raise Unavailable(f"etcd ended the watch: {response.cancel_reason}")
                if response.canceled:
                    raise Compacted(from_revision, response.compact_revision)
                if response.created or response.events:
                    yield [self._change(event) for event in response.events]
        except grpc.aio.AioRpcError as error:
            raise translate(error, self._etcd.where, from_revision) from error
        except asyncio.InvalidStateError as error:  # the call failed before we wrote to it
            raise Unavailable(f"no etcd at {self._etcd.where}") from error
        finally:
            call.cancel()

    async def current_revision(self) -> int:
        return await self._revision.get()

    async def _read_revision(self) -> int:
        request = rpc.RangeRequest(key=_EVERYTHING, count_only=True)
        return (await self._etcd.read(self._etcd.kv.Range, request)).header.revision

    async def compact(self, revision: int) -> None:
        await self._etcd.write(self._etcd.kv.Compact, rpc.CompactionRequest(revision=revision))

    async def compare_and_put(self, key: str, text: bytes, revision: int) -> tuple[bool, bytes, int]:
        """For keys that hold no object: (whether it was written, the text there, its revision)."""
        name = key.encode()
        answer = await self._put_if(name, text, revision)
        if answer.succeeded:
            return True, text, answer.header.revision
        kvs = answer.responses[0].response_range.kvs
        return (False, kvs[0].value, kvs[0].mod_revision) if kvs else (False, b"", 0)

    async def _put_if(self, name: bytes, raw: bytes, revision: int, *, lease: int = 0) -> rpc.TxnResponse:
        """Write where the key is at this revision (0: absent), else tell what is there."""
        return await self._txn((_unchanged(name, revision),), (_put(name, raw, lease),), (_look(name),))

    async def _lasting(self, name: bytes, raw: bytes, revision: int, *, ttl: int) -> rpc.TxnResponse:
        """The same for what expires. An etcd that came back from a backup may know nothing of our lease."""
        try:
            return await self._put_if(name, raw, revision, lease=await self._leases.lease_for(ttl))
        except LeaseLost:
            self._leases.forget(ttl)
            return await self._put_if(name, raw, revision, lease=await self._leases.lease_for(ttl))

    async def _txn(
        self,
        compare: Iterable[rpc.Compare],
        success: Iterable[rpc.RequestOp],
        failure: Iterable[rpc.RequestOp] = (),
    ) -> rpc.TxnResponse:
        request = rpc.TxnRequest(compare=compare, success=success, failure=failure)
        return await self._etcd.write(self._etcd.kv.Txn, request)


async def _wanted(mutate: Mutate, current: Stored | None, expected: int | None, key: str) -> bytes | None:
    """The text to write over `current`; None when it would be the same."""
    if expected is not None and expected != (current.revision if current else 0):
        raise RevisionConflict(key, expected, current)
    result = mutate(current)
    body = await result if inspect.isawaitable(result) else result
    if body is None:
        return None
    raw = unsplice(body)
    return None if current and not current.stale and raw == unsplice(current.body) else raw


async def _tentative(mutate: Mutate, suggestion: Stored, expected: int | None) -> bytes | None:
    """The same for an object that may be stale, so that neither an error nor "no change" is a verdict yet."""
    try:
        return await _wanted(mutate, suggestion, expected, suggestion.key)
    except (ApiError, StorageError):
        return None
