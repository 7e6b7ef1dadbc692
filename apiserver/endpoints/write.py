"""POST, PUT, PATCH and DELETE: what comes in is decoded and checked here, and done by the kind's Store.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/{create,update,patch,delete}.go.
"""

from __future__ import annotations

from typing import Any

import orjson
from aiohttp import web

from apiserver import decoding, options, replies
from apiserver.admission.attributes import Attributes
from apiserver.call import Call
from apiserver.endpoints import read
from apiserver.options import WriteOptions
from apiserver.registry import deletion
from apiserver.registry.store import Deleted, Store
from machinery.api.errors import ApiError, BadRequest, UnsupportedMediaType
from machinery.api.model import Model
from machinery.api.patch import json_patch, merge_patch, strategic_merge_patch

Doc = dict[str, Any]
PATCHES = ("application/json-patch+json", "application/merge-patch+json", "application/strategic-merge-patch+json")


def attributes(call: Call, store: Store, operation: str, *, dry_run: bool = False) -> Attributes:
    """What admission is told about this request."""
    info = call.info
    namespace = info.namespace if store.resource.namespaced else ""
    return Attributes(
        operation, store.resource, namespace, info.name, call.user, info.subresource, dry_run, call.warnings
    )


async def body_of(call: Call, model: type[Model], api_version: str, wanted: WriteOptions) -> Doc:
    """The request's object: decoded, checked for unknown fields, in canonical form."""
    body, content_type = await call.http.read(), call.http.headers.get("Content-Type", "")
    document = decoding.parse(body, content_type)
    decoding.check_kind(document, api_version, model.model_fields["kind"].default)
    plain_json = content_type.startswith(decoding.JSON_TYPE) or not content_type
    return checked(call, document, model, wanted=wanted, body=body if plain_json else b"")


def checked(call: Call, document: Any, model: type[Model], *, wanted: WriteOptions, body: bytes = b"") -> Doc:
    """Canonical form, with warnings or a refusal for what the class does not have."""
    if not isinstance(document, dict):
        raise BadRequest("the patched object is not a JSON object")
    api_version = model.model_fields["api_version"].default
    document.setdefault("apiVersion", api_version)
    mode = wanted.field_validation
    call.warnings += decoding.check_fields(document, model, mode=mode, body=body)
    return decoding.canonical(document, model, api_version=api_version)


async def create(call: Call, store: Store) -> web.StreamResponse:
    """POST …/pods."""
    wanted = options.write_options(call.http.query)
    document = await body_of(call, store.strategy.model, store.resource.api_version, wanted)
    call.object_name = document["metadata"].get("name", "")
    body = await store.create(attributes(call, store, "CREATE", dry_run=wanted.dry_run), document)
    return read.one(call, store, body, status=201)


async def update(call: Call, store: Store) -> web.StreamResponse:
    """PUT …/pods/web, or …/pods/web/status."""
    wanted = options.write_options(call.http.query)
    document = await body_of(call, store.strategy.model, store.resource.api_version, wanted)

    async def replaced(old: Doc) -> Doc:
        return orjson.loads(orjson.dumps(document))

    given = attributes(call, store, "UPDATE", dry_run=wanted.dry_run)
    if store.strategy.allow_create_on_update and not call.info.subresource:
        key = store.key(call.info.namespace, call.info.name)
        if store.cacher.peek(key) is None and await store.cacher.get(key) is None:
            document["metadata"].setdefault("name", call.info.name)
            document["metadata"].pop("resourceVersion", None)
            creating = attributes(call, store, "CREATE", dry_run=wanted.dry_run)
            return read.one(call, store, await store.create(creating, document), status=201)
    return read.one(call, store, await store.update(given, replaced))


async def patch(call: Call, store: Store) -> web.StreamResponse:
    """PATCH …/pods/web in any of three forms."""
    wanted = options.write_options(call.http.query)
    apply = await patcher(call, store.strategy.model)

    async def patched(old: Doc) -> Doc:
        return checked(call, apply(old), store.strategy.model, wanted=wanted)

    given = attributes(call, store, "UPDATE", dry_run=wanted.dry_run)
    return read.one(call, store, await store.update(given, patched))


async def patcher(call: Call, model: type[Model]) -> Any:
    """The function that applies this request's patch to a document."""
    media_type = call.http.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type == "application/apply-patch+yaml":
        error = UnsupportedMediaType(PATCHES)
        error.message += ": server-side apply is not served yet; use kubectl apply without --server-side"
        raise error
    if media_type not in PATCHES:
        raise UnsupportedMediaType(PATCHES)
    document = decoding.parse_json(await call.http.read())
    if media_type == PATCHES[0]:
        return lambda old: json_patch(old, document)
    if not isinstance(document, dict):
        raise BadRequest("the patch must be a JSON object")
    if media_type == PATCHES[1]:
        return lambda old: merge_patch(old, document)
    return lambda old: strategic_merge_patch(old, document, model)


async def delete(call: Call, store: Store) -> web.StreamResponse:
    """DELETE …/pods/web."""
    wanted = await _delete_options(call)
    given = attributes(call, store, "DELETE", dry_run=wanted.dry_run)
    deleted = await store.delete(given, wanted)
    return _deleted_reply(call, store, deleted)


def _deleted_reply(call: Call, store: Store, deleted: Deleted) -> web.Response:
    if not deleted.gone or store.strategy.returns_deleted:
        return read.one(call, store, deleted.body)
    resource = store.resource
    details = {"name": call.info.name, "group": resource.group, "kind": resource.plural}
    details["uid"] = orjson.loads(deleted.body)["metadata"]["uid"]
    return replies.success({key: value for key, value in details.items() if value}, call)


async def _delete_options(call: Call) -> deletion.DeleteOptions:
    document = decoding.read_options(await call.http.read(), call.http.headers.get("Content-Type", ""))
    return deletion.delete_options(document, call.http.query)


async def delete_collection(call: Call, store: Store) -> web.StreamResponse:
    """DELETE …/pods: every object of the list, each by itself."""
    wanted, listed = await _delete_options(call), options.list_options(call.http.query)
    read.check_fields(store, listed)
    bodies, meta = await read.page(store, call, listed)
    for body in bodies:
        meta_of_one = orjson.loads(body)["metadata"]
        given = Attributes(
            "DELETE", store.resource, meta_of_one.get("namespace", ""), meta_of_one["name"], call.user,
            dry_run=wanted.dry_run, warnings=call.warnings,
        )  # fmt: skip
        try:
            await store.delete(given, wanted)
        except ApiError as error:
            if error.code != 404:
                raise
    return replies.raw(read.list_body(store, bodies, meta), call)
