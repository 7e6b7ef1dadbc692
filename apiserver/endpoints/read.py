"""GET of one object and LIST of many: bytes that were encoded once, joined and sent.

Lists without a limit come from the watch cache; pages come from etcd at one revision.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/get.go and registry/generic/registry/store.go.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import Any, TypeVar

import orjson
from aiohttp import web

from apiserver import continue_token, options, replies, tables
from apiserver.call import Call
from apiserver.continue_token import Token
from apiserver.encoding.documents import MESSAGES, in_yaml, list_in_envelope, list_in_yaml, object_in_envelope
from apiserver.negotiation import PROTOBUF, YAML, Form, form_of
from apiserver.options import ListOptions
from apiserver.registry.store import Store
from apiserver.storage.interface import Compacted, Page, Selection, Stored, TooLargeRevision
from machinery.api.errors import BadRequest, Expired

Doc = dict[str, Any]
Made = TypeVar("Made")
_A_WHILE = 0.002
_LARGE = 128 * 1024


def wanted_form(call: Call, store: Store) -> Form:
    """The form that the client wants, of those that the kind has."""
    return form_of(call.http.headers, call.http.query, protobuf=store.strategy.speaks_protobuf)


async def get(call: Call, store: Store) -> web.StreamResponse:
    """GET …/pods/web."""
    form = wanted_form(call, store)
    info, version = call.info, call.http.query.get("resourceVersion", "")
    wanted = options.revision(version) if version else None
    entry = await store.cacher.get(store.key(info.namespace, info.name), wanted)
    if entry is None:
        raise store.missing(info.name)
    return one(call, store, entry.body, form=form)


def one(call: Call, store: Store, body: bytes, *, status: int = 200, form: Form | None = None) -> web.Response:
    """One object in the form that the client wants."""
    form = form or wanted_form(call, store)
    if form.plain:
        return replies.raw(body, call, status)
    tables.check_one(store.strategy, form)
    if form.as_kind:
        include = tables.included(form, call.http.query)
        return replies.answer(orjson.dumps(tables.transformed(store.strategy, body, form, include)), call, form, status)
    if form.media_type == PROTOBUF:
        return replies.made(object_in_envelope(body, store.strategy.model), PROTOBUF, call, status)
    return replies.answer(body, call, form, status)


async def list_(call: Call, store: Store) -> web.StreamResponse:
    """GET …/pods."""
    form = wanted_form(call, store)
    wanted = check_fields(store, options.list_options(call.http.query))
    bodies, meta = await page(store, call, wanted)
    return await many(call, store, bodies, meta, form=form)


async def many(
    call: Call, store: Store, bodies: Sequence[bytes], meta: Doc, *, form: Form | None = None
) -> web.Response:
    """A list in the form that the client wants; what is more than joining bytes is done in turns with others."""
    form = form or wanted_form(call, store)
    if form.plain:
        return replies.raw(list_body(store, bodies, meta), call)
    strategy = store.strategy
    tables.check_list(strategy, form)
    if form.as_kind:
        include = tables.included(form, call.http.query)
        items = await in_turns(bodies, lambda body: tables.item(strategy, body, form, include))
        return await _encoded(call, orjson.dumps(tables.transformed_list(strategy, items, form, meta)), form)
    if form.media_type == PROTOBUF:
        messages = await in_turns(bodies, lambda body: MESSAGES.of(body, strategy.model))
        return replies.made(list_in_envelope(messages, meta, strategy.model), PROTOBUF, call)
    if form.media_type == YAML:
        return replies.made(list_in_yaml(await in_turns(bodies, in_yaml), meta, strategy.model), YAML, call)
    return await _encoded(call, list_body(store, bodies, meta), form)


async def in_turns(bodies: Sequence[bytes], make: Callable[[bytes], Made]) -> list[Made]:
    """What `make` makes of each; whenever it has taken a while, others' requests go on first."""
    made: list[Made] = []
    begun = time.monotonic()
    for body in bodies:
        made.append(make(body))
        if time.monotonic() - begun > _A_WHILE:
            await asyncio.sleep(0)
            begun = time.monotonic()
    return made


async def _encoded(call: Call, body: bytes, form: Form) -> web.Response:
    """Large documents are encoded beside the event loop."""
    if len(body) < _LARGE or form.plain:
        return replies.answer(body, call, form)
    return await asyncio.to_thread(replies.answer, body, call, form)


def list_body(store: Store, bodies: Iterable[bytes], meta: Doc) -> bytes:
    """`{"kind":"PodList","apiVersion":"v1","metadata":{…},"items":[…]}` around bytes that exist already."""
    resource = store.resource
    head = f'{{"kind":"{resource.list_kind}","apiVersion":"{resource.api_version}","metadata":'.encode()
    return b"".join((head, orjson.dumps(meta), b',"items":[', b",".join(bodies), b"]}"))


def check_fields(store: Store, wanted: ListOptions) -> ListOptions:
    """Only some fields can be selected by, each kind its own; some have an older name."""
    if wanted.field_selector is None:
        return wanted
    for requirement in wanted.field_selector.requirements:
        if requirement.field not in store.selectable_fields:
            raise BadRequest(store.strategy.refused_field(requirement.field))
    return replace(wanted, field_selector=store.strategy.renamed(wanted.field_selector))


async def page(store: Store, call: Call, wanted: ListOptions) -> tuple[Sequence[bytes], Doc]:
    """The bodies of a list and its ListMeta."""
    prefix = store.scope(call.info.namespace)
    if wanted.continue_token or wanted.exact:
        return await _page_of_etcd(store, prefix, wanted)
    version = wanted.revision if wanted.resource_version else None
    selection = Selection(prefix, wanted.label_selector, wanted.field_selector)
    limit = 0 if wanted.resource_version == "0" else wanted.limit  # whatever is here is given whole
    snapshot = await store.cacher.list(selection, resource_version=version, limit=limit)
    meta: Doc = {"resourceVersion": str(snapshot.revision)}
    if snapshot.remaining:
        meta["continue"] = continue_token.encode(Token(snapshot.revision, snapshot.items[-1].key), prefix)
        if not wanted.selective:
            meta["remainingItemCount"] = snapshot.remaining
    return [entry.body for entry in snapshot.items], meta


async def _page_of_etcd(store: Store, prefix: str, wanted: ListOptions) -> tuple[Sequence[bytes], Doc]:
    """A page at one revision of the past, which only etcd still knows."""
    token = _place(wanted, prefix)
    found: list[Stored] = []
    after, more, remaining = token.after, True, 0
    revision = max(token.revision, 0)
    while more and (not wanted.limit or len(found) < wanted.limit):
        part = await _part(store, prefix, wanted, Token(revision, after))
        revision = part.revision
        matching = [stored for stored in part.items if _matches(store, wanted, stored)]
        room = wanted.limit - len(found) if wanted.limit else len(matching)
        found += matching[:room]
        more, remaining = part.more or len(matching) > room, part.remaining
        after = (found[-1].key if len(matching) > room else part.items[-1].key) if part.items else after
        await asyncio.sleep(0)
    meta: Doc = {"resourceVersion": str(revision)}
    if more:
        meta["continue"] = continue_token.encode(Token(revision, after), prefix)
        if not wanted.selective:
            meta["remainingItemCount"] = remaining
    return [stored.body for stored in found], meta


def _place(wanted: ListOptions, prefix: str) -> Token:
    """Where this page begins, and in which state of the world."""
    if not wanted.continue_token:
        return Token(wanted.revision, "")
    if wanted.resource_version not in ("", "0"):
        raise BadRequest("specifying resource version is not allowed when using continue")
    return continue_token.decode(wanted.continue_token, prefix)


async def _part(store: Store, prefix: str, wanted: ListOptions, at: Token) -> Page:
    """What etcd has of a page; a state that it has no more, or not yet, is told in the API's words."""
    try:
        if at.revision >= 2**63:
            raise TooLargeRevision(at.revision, 0)
        return await store.storage.list(prefix, limit=wanted.limit, after=at.after, revision=at.revision)
    except Compacted:
        if wanted.continue_token:
            raise continue_token.expired(at, prefix) from None
        raise Expired("The resourceVersion for the provided list is too old.") from None
    except TooLargeRevision as error:
        raise TooLargeRevision(error.revision, await store.storage.current_revision()) from None


def _matches(store: Store, wanted: ListOptions, stored: Stored) -> bool:
    if not wanted.selective:
        return True
    obj = orjson.loads(stored.body)
    labels = obj["metadata"].get("labels", {})
    return (wanted.label_selector is None or wanted.label_selector.matches(labels)) and (
        wanted.field_selector is None or wanted.field_selector.matches(store.fields_of(obj))
    )
