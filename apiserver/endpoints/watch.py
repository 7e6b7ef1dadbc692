"""WATCH: frames in JSON lines or protobuf, chunked, until the client leaves or timeoutSeconds pass.

Frames are made once per event in the watch cache and shared by every watcher that wants the same form (see Frames).
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/watch.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections.abc import Iterator

from aiohttp import web

from apiserver import measures, options, tables
from apiserver.call import Call
from apiserver.encoding.frames import Frames
from apiserver.endpoints.read import check_fields
from apiserver.negotiation import stream_form
from apiserver.options import ListOptions
from apiserver.registry.store import Store
from apiserver.storage.interface import Compacted, Selection, SlowWatcher, Watcher
from machinery.api.errors import ApiError, BadRequest, Expired

MIN_TIMEOUT = 1800
DROPPED = "mini.io/dropped"
"""In the audit log: why the server ended a watch."""
LONGEST = 10**8
BEFORE_END = 2.0
"""Seconds between the last bookmark of a watch and its end."""


async def watch(call: Call, store: Store) -> web.StreamResponse:
    """GET …/pods?watch=true."""
    form = stream_form(call.http.headers, protobuf=store.strategy.speaks_protobuf)
    frames = Frames(store.strategy, form, tables.included(form, call.http.query))
    headers = {"Content-Type": frames.content_type, "Cache-Control": "no-cache, private"}
    wanted = _for_one(call, check_fields(store, options.list_options(call.http.query, watch=True)))
    try:
        watcher = await _open(call, store, wanted)
    except Compacted as error:
        # A watch that begins with an error is answered 200, as Kubernetes does, and ends with its first frame.
        return web.Response(body=frames.error(Expired(str(error))), headers=headers)
    async with watcher:
        response = web.StreamResponse(headers=headers)
        call.start(response)
        await response.prepare(call.http)
        if call.begun is not None:
            call.begun()
        seconds = min(wanted.timeout_seconds, LONGEST) or MIN_TIMEOUT * (1 + random.random())
        with _until_its_end(call), call.when_gone(watcher.close):
            async with asyncio.timeout(seconds):
                with _last_bookmark(wanted, watcher, seconds):
                    await _stream(response, watcher, frames, _kind_of(store))
    with contextlib.suppress(ConnectionError):
        await response.write_eof()
    return response


@contextlib.contextmanager
def _until_its_end(call: Call) -> Iterator[None]:
    """A watch ends when its time is up, when its client has left, or because that did not read."""
    try:
        yield
    except SlowWatcher:
        call.annotations[DROPPED] = "the client did not read as fast as changes came"
    except (TimeoutError, ConnectionError):
        return


def _for_one(call: Call, wanted: ListOptions) -> ListOptions:
    """The watch of one object by its URL leaves no room for another one's name."""
    name, fields = call.info.name, wanted.field_selector
    if name and fields is not None and not fields.empty and fields.exact("metadata.name") != name:
        raise BadRequest("fieldSelector metadata.name doesn't match requested name")
    return wanted


@contextlib.contextmanager
def _last_bookmark(wanted: ListOptions, watcher: Watcher, seconds: float) -> Iterator[None]:
    """Shortly before it ends, a watch says how far it has come, so that its client goes on from there."""
    if not wanted.bookmarks or seconds <= BEFORE_END:
        yield
        return
    timer = asyncio.get_running_loop().call_later(seconds - BEFORE_END, watcher.bookmark)
    try:
        yield
    finally:
        timer.cancel()


async def _open(call: Call, store: Store, wanted: ListOptions) -> Watcher:
    info = call.info
    prefix = store.key(info.namespace, info.name) if info.name else store.scope(info.namespace)
    return await store.cacher.watch(
        Selection(prefix, wanted.label_selector, wanted.field_selector),
        resource_version=wanted.revision if wanted.resource_version else None,
        initial_events=wanted.send_initial_events,
        bookmarks=wanted.bookmarks,
    )


def _kind_of(store: Store) -> tuple[str, str, str]:
    return store.resource.group, store.resource.version, store.resource.kind


async def _stream(
    response: web.StreamResponse, watcher: Watcher, frames: Frames, kind: tuple[str, str, str]
) -> None:
    try:
        async for emissions in watcher:
            measures.WATCH_EVENTS.inc(*kind, by=len(emissions))
            await response.write(b"".join(frames.frame(emission) for emission in emissions))
    except Compacted as error:
        await response.write(frames.error(Expired(str(error))))
    except ApiError as error:  # what is stored cannot be shown in the version asked for
        await response.write(frames.error(error))
