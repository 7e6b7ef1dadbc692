"""GET of one object and LIST of many: bytes that were encoded once, joined and sent.

Lists without a limit come from the watch cache; pages come from etcd at one revision.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/get.go and registry/generic/registry/store.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

import orjson
import yaml
from aiohttp import web

from apiserver import options, replies, tables
from apiserver.call import Call
from apiserver.negotiation import YAML, Form, negotiate
from apiserver.options import ListOptions, Token
from apiserver.registry.store import Store
from apiserver.storage.interface import Compacted, Selection, Stored
from machinery.api.errors import BadRequest, Expired

Doc = dict[str, Any]


async def get(call: Call, store: Store) -> web.StreamResponse:
    """GET …/pods/web."""
    form = negotiate(call.http.headers.get("Accept", ""))
    info, version = call.info, call.http.query.get("resourceVersion", "")
    wanted = options.revision(version) if version else None
    entry = await store.cacher.get(store.key(info.namespace, info.name), wanted)
    if entry is None:
        raise store.missing(info.name)
    return one(call, store, entry.body, form=form)


def one(call: Call, store: Store, body: bytes, *, status: int = 200, form: Form | None = None) -> web.Response:
    """One object in the form that the client wants."""
    form = form or negotiate(call.http.headers.get("Accept", ""))
    if form.plain:
        return replies.raw(body, call, status)
    if form.media_type == YAML:
        return as_yaml(orjson.loads(body), call, status)
    include = call.http.query.get("includeObject", "Metadata")
    return replies.document(tables.transformed(store.strategy, body, form, include), call, status)


def as_yaml(value: Any, call: Call, status: int = 200) -> web.Response:
    response = replies.raw(yaml.safe_dump(value, sort_keys=True).encode(), call, status)
    response.headers["Content-Type"] = YAML
    return response


async def list_(call: Call, store: Store) -> web.StreamResponse:
    """GET …/pods."""
    form = negotiate(call.http.headers.get("Accept", ""))
    wanted = options.list_options(call.http.query)
    check_fields(store, wanted)
    bodies, meta = await page(store, call, wanted)
    if form.plain:
        return replies.raw(list_body(store, bodies, meta), call)
    if form.media_type == YAML:
        return as_yaml(orjson.loads(list_body(store, bodies, meta)), call)
    include = call.http.query.get("includeObject", "Metadata")
    document = tables.transformed_list(store.strategy, bodies, form, include=include, meta=meta)
    return replies.document(document, call)


def list_body(store: Store, bodies: Iterable[bytes], meta: Doc) -> bytes:
    """`{"kind":"PodList","apiVersion":"v1","metadata":{…},"items":[…]}` around bytes that exist already."""
    resource = store.resource
    head = f'{{"kind":"{resource.kind}List","apiVersion":"{resource.api_version}","metadata":'.encode()
    return b"".join((head, orjson.dumps(meta), b',"items":[', b",".join(bodies), b"]}"))


def check_fields(store: Store, wanted: ListOptions) -> None:
    """Only some fields can be selected by, each kind its own."""
    if wanted.field_selector is None:
        return
    for requirement in wanted.field_selector.requirements:
        if requirement.field not in store.selectable_fields:
            raise BadRequest(f"field label not supported: {requirement.field}")


async def page(store: Store, call: Call, wanted: ListOptions) -> tuple[Sequence[bytes], Doc]:
    """The bodies of a list and its ListMeta."""
    prefix = store.scope(call.info.namespace)
    if wanted.continue_token or (wanted.resource_version_match == "Exact"):
        return await _page_of_etcd(store, prefix, wanted)
    version = wanted.revision if wanted.resource_version else None
    selection = Selection(prefix, wanted.label_selector, wanted.field_selector)
    snapshot = await store.cacher.list(selection, resource_version=version, limit=wanted.limit)
    meta: Doc = {"resourceVersion": str(snapshot.revision)}
    if snapshot.remaining:
        meta["continue"] = options.encode_token(Token(snapshot.revision, snapshot.items[-1].key))
        if not wanted.selective:
            meta["remainingItemCount"] = snapshot.remaining
    return [entry.body for entry in snapshot.items], meta


async def _page_of_etcd(store: Store, prefix: str, wanted: ListOptions) -> tuple[Sequence[bytes], Doc]:
    """A page at one revision of the past, which only etcd still knows."""
    token = options.decode_token(wanted.continue_token) if wanted.continue_token else Token(wanted.revision, "")
    if token.after and not token.after.startswith(prefix):
        raise BadRequest("continue key is not valid: it belongs to another list")
    found: list[Stored] = []
    after, more, remaining = token.after, True, 0
    while more and (not wanted.limit or len(found) < wanted.limit):
        try:
            part = await store.storage.list(prefix, limit=wanted.limit, after=after, revision=token.revision)
        except Compacted:
            raise _expired(wanted) from None
        matching = [stored for stored in part.items if _matches(store, wanted, stored)]
        room = wanted.limit - len(found) if wanted.limit else len(matching)
        found += matching[:room]
        more, remaining = part.more or len(matching) > room, part.remaining
        after = (found[-1].key if len(matching) > room else part.items[-1].key) if part.items else after
        await asyncio.sleep(0)
    meta: Doc = {"resourceVersion": str(token.revision)}
    if more:
        meta["continue"] = options.encode_token(Token(token.revision, after))
        if not wanted.selective:
            meta["remainingItemCount"] = remaining
    return [stored.body for stored in found], meta


def _expired(wanted: ListOptions) -> Expired:
    if wanted.continue_token:
        return options.expired_token()
    return Expired(f"The provided resourceVersion is too old: {wanted.resource_version}")


def _matches(store: Store, wanted: ListOptions, stored: Stored) -> bool:
    if not wanted.selective:
        return True
    obj = orjson.loads(stored.body)
    labels = obj["metadata"].get("labels", {})
    return (wanted.label_selector is None or wanted.label_selector.matches(labels)) and (
        wanted.field_selector is None or wanted.field_selector.matches(store.fields_of(obj))
    )
