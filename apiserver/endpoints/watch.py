"""WATCH: one JSON frame per line, chunked, until the client leaves or timeoutSeconds pass.

Frames are made once per event in the watch cache and shared by every watcher that wants the same form.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/watch.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import AsyncIterator

import orjson
from aiohttp import web

from apiserver import options, tables
from apiserver.call import Call
from apiserver.endpoints.read import check_fields
from apiserver.negotiation import Form, negotiate
from apiserver.options import ListOptions
from apiserver.registry.store import Store
from apiserver.storage.interface import Compacted, Emission, Selection, SlowWatcher, Watcher
from machinery.api.errors import ApiError, Expired

MIN_TIMEOUT = 1800
HEADERS = {"Content-Type": "application/json", "Cache-Control": "no-cache, private"}


async def watch(call: Call, store: Store) -> web.StreamResponse:
    """GET …/pods?watch=true."""
    form = negotiate(call.http.headers.get("Accept", ""))
    wanted = options.list_options(call.http.query)
    check_fields(store, wanted)
    try:
        watcher = await _open(call, store, wanted)
    except Compacted as error:
        return await _only(call, Expired(str(error)))
    async with watcher, _registered(call, store, watcher):
        response = web.StreamResponse(headers=HEADERS)
        await response.prepare(call.http)
        seconds = wanted.timeout_seconds or MIN_TIMEOUT * (1 + random.random())
        with contextlib.suppress(TimeoutError, ConnectionError, SlowWatcher):
            async with asyncio.timeout(seconds):
                await _stream(response, watcher, _Renderer(call, store, form))
    with contextlib.suppress(ConnectionError):
        await response.write_eof()
    return response


@contextlib.asynccontextmanager
async def _registered(call: Call, store: Store, watcher: Watcher) -> AsyncIterator[None]:
    """While a watch runs, it ends with its server, and when its client leaves."""
    store.watchers.add(watcher)
    try:
        with call.when_gone(watcher.close):
            yield
    finally:
        store.watchers.discard(watcher)


async def _open(call: Call, store: Store, wanted: ListOptions) -> Watcher:
    info = call.info
    prefix = store.key(info.namespace, info.name) if info.name else store.scope(info.namespace)
    return await store.cacher.watch(
        Selection(prefix, wanted.label_selector, wanted.field_selector),
        resource_version=wanted.revision if wanted.resource_version else None,
        initial_events=wanted.send_initial_events,
        bookmarks=wanted.bookmarks,
    )


async def _stream(response: web.StreamResponse, watcher: Watcher, renderer: _Renderer) -> None:
    try:
        async for emissions in watcher:
            await response.write(b"".join(renderer.frame(emission) for emission in emissions))
    except Compacted as error:
        await response.write(error_frame(Expired(str(error))))


def error_frame(error: ApiError) -> bytes:
    """The frame that ends a watch with a Status."""
    return orjson.dumps({"type": "ERROR", "object": error.to_dict()}, option=orjson.OPT_APPEND_NEWLINE)


async def _only(call: Call, error: ApiError) -> web.StreamResponse:
    """A watch that begins with an error is answered 200, as Kubernetes does, and ends with its first frame."""
    return web.Response(body=error_frame(error), headers=HEADERS)


class _Renderer:
    """Frames in the form that one client asked for; the first frame of a Table carries the columns."""

    def __init__(self, call: Call, store: Store, form: Form) -> None:
        self._strategy = store.strategy
        self._form = form
        self._include = call.http.query.get("includeObject", "Metadata")
        self._name = f"{form.as_kind}/{form.version}/{self._include}"
        self._columns_sent = False

    def frame(self, emission: Emission) -> bytes:
        if not self._form.as_kind:
            return emission.frame
        if self._form.as_kind == "Table" and not self._columns_sent:
            self._columns_sent = True
            return self._render(emission, columns=True)
        return emission.rendered(self._name, self._render)

    def _render(self, emission: Emission, columns: bool = False) -> bytes:
        if emission.type == "BOOKMARK" and self._form.as_kind != "Table":
            return emission.frame
        obj = self._document(emission)
        if self._form.as_kind == "Table" and not columns:
            obj["columnDefinitions"] = None
        return orjson.dumps({"type": emission.type, "object": obj}, option=orjson.OPT_APPEND_NEWLINE)

    def _document(self, emission: Emission) -> dict:
        if emission.type == "BOOKMARK":
            return tables.table(
                self._strategy, [], self._form, include="None", meta={"resourceVersion": str(emission.revision)}
            )
        return tables.transformed(self._strategy, emission.body, self._form, self._include)
