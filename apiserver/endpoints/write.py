"""POST, PUT and DELETE: what comes in is decoded and checked here, and done by the kind's Store. See also patch.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/{create,update,delete}.go.
"""

from __future__ import annotations

import contextlib
import copy
from dataclasses import replace
from typing import Any

import orjson
from aiohttp import web

from apiserver import decoding, options, replies, strictness
from apiserver.admission.attributes import Attributes
from apiserver.call import Call
from apiserver.endpoints import read
from apiserver.options import WriteOptions
from apiserver.registry import deletion
from apiserver.registry.metadata import check_against_url, uid_mismatch, without_duplicate_owners
from apiserver.registry.ownership import tracked
from apiserver.registry.store import Deleted, Store
from machinery.api.apply import Fields, Writer, manager_name
from machinery.api.errors import AlreadyExists, ApiError, Conflict
from machinery.api.model import Model

Doc = dict[str, Any]


def attributes(call: Call, store: Store, operation: str, *, dry_run: bool = False) -> Attributes:
    """What admission is told about this request."""
    info, strategy = call.info, store.strategy
    namespace = info.namespace if store.resource.namespaced else ""
    writer = writer_of(call, store.resource.api_version, strategy.reset_fields(info.subresource))
    return Attributes(
        operation, store.resource, namespace, info.name, call.user, info.subresource, dry_run, call.warnings,
        owners=tracked(strategy.model, writer), query=call.http.query, annotations=call.annotations,
    )  # fmt: skip


def writer_of(call: Call, api_version: str, reset: Fields) -> Writer:
    """Under what name this request will own the fields that it writes."""
    manager = manager_name(call.http.query.get("fieldManager", ""), call.http.headers.get("User-Agent", ""))
    return Writer(manager, api_version, call.info.subresource, reset)


async def body_of(
    call: Call, model: type[Model], api_version: str, wanted: WriteOptions, *, older: str = ""
) -> Doc:
    """The request's object: decoded, checked for unknown fields, in canonical form. `older` is read as api_version."""
    body, content_type = await call.http.read(), call.http.headers.get("Content-Type", "")
    document = decoding.parse(body, content_type, protobuf=not hasattr(model, "unknown_fields"))
    if older and document.get("apiVersion") == older:
        document["apiVersion"] = api_version
    decoding.check_kind(document, api_version, model.model_fields["kind"].default)
    if decoding.media_type_of(content_type) == decoding.PROTOBUF_TYPE:
        body = b""
    twice = strictness.may_have_duplicates(document, body)
    decoded = decoding.canonical(document, model, api_version=api_version)
    if twice or not strictness.nothing_lost(document, decoded):
        call.warnings += decoding.check_fields(
            document, model, mode=wanted.field_validation, body=body, content_type=content_type
        )
    call.warnings += without_duplicate_owners(decoded)
    return decoded


async def create(call: Call, store: Store) -> web.StreamResponse:
    """POST …/pods."""
    wanted = options.write_options(call.http.query)
    document = await body_of(call, store.strategy.model, store.resource.api_version, wanted)
    call.object_name = document["metadata"].get("name", "")
    body = await store.create(attributes(call, store, "CREATE", dry_run=wanted.dry_run), document)
    return read.one(call, store, body, status=201)


async def update(call: Call, store: Store) -> web.StreamResponse:
    """PUT …/pods/web, or …/pods/web/status."""
    wanted = options.write_options(call.http.query, "UpdateOptions")
    document = await body_of(call, store.strategy.model, store.resource.api_version, wanted)

    meta = document["metadata"]
    call.object_identity = (meta.get("uid", ""), meta.get("resourceVersion", ""))

    async def replaced(old: Doc) -> Doc:
        return orjson.loads(orjson.dumps(document))

    if store.strategy.allow_create_on_update and not call.info.subresource and await _is_missing(call, store):
        with contextlib.suppress(AlreadyExists):
            return await _create_by_update(call, store, copy.deepcopy(document), dry_run=wanted.dry_run)
    given = attributes(call, store, "UPDATE", dry_run=wanted.dry_run)
    return read.one(call, store, await store.update(given, replaced))


async def _is_missing(call: Call, store: Store) -> bool:
    key = store.key(call.info.namespace, call.info.name)
    return store.cacher.peek(key) is None and await store.cacher.get(key) is None


async def _create_by_update(call: Call, store: Store, document: Doc, *, dry_run: bool) -> web.StreamResponse:
    """A PUT to a name that is free; who names a uid means an object that is gone."""
    creating, meta = attributes(call, store, "CREATE", dry_run=dry_run), document["metadata"]
    check_against_url(meta, name=call.info.name, namespace=creating.namespace)
    if meta.get("uid"):
        raise Conflict(store.resource.plural, call.info.name, uid_mismatch(store.resource, meta, {}),
                       group=store.resource.group)  # fmt: skip
    meta.pop("resourceVersion", None)
    return read.one(call, store, await store.create(creating, document), status=201)


async def delete(call: Call, store: Store) -> web.StreamResponse:
    """DELETE …/pods/web."""
    wanted = await _delete_options(call)
    given = replace(attributes(call, store, "DELETE", dry_run=wanted.dry_run), options=wanted.document())
    deleted = await store.delete(given, wanted)
    return _deleted_reply(call, store, deleted, accepted=not deleted.gone and wanted.orphan_dependents is False)


def _deleted_reply(call: Call, store: Store, deleted: Deleted, *, accepted: bool) -> web.Response:
    """202 only where the deprecated orphanDependents asked for dependents to go first."""
    if not deleted.gone or store.strategy.returns_deleted:
        return read.one(call, store, deleted.body, status=202 if accepted else 200)
    resource = store.resource
    details = {"name": call.info.name, "group": resource.group, "kind": resource.plural}
    details["uid"] = orjson.loads(deleted.body)["metadata"]["uid"]
    return replies.success({key: value for key, value in details.items() if value}, call)


async def _delete_options(call: Call) -> deletion.DeleteOptions:
    """From the body; without one, from the query."""
    body = await call.http.read()
    if not body:
        return deletion.from_query(call.http.query)
    return deletion.from_body(decoding.read_options(body, call.http.headers.get("Content-Type", "")))


async def delete_collection(call: Call, store: Store) -> web.StreamResponse:
    """DELETE …/pods: every object of the list, each by itself."""
    wanted, listed = await _delete_options(call), options.list_options(call.http.query)
    read.check_fields(store, listed)
    bodies, meta = await read.page(store, call, listed)
    for body in bodies:
        meta_of_one = orjson.loads(body)["metadata"]
        given = Attributes(
            "DELETE", store.resource, meta_of_one.get("namespace", ""), meta_of_one["name"], call.user,
            dry_run=wanted.dry_run, warnings=call.warnings, query=call.http.query, annotations=call.annotations,
            options=wanted.document(),
        )  # fmt: skip
        try:
            await store.delete(given, wanted)
        except ApiError as error:
            if error.code != 404:
                raise
    return await read.many(call, store, bodies, meta)
