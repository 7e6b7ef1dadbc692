"""PATCH in its four forms: three say what to change, the fourth (server-side apply) what its author wants to be there.

Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/patch.go.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import yaml
from aiohttp import web

from apiserver import decoding, options, patches, strictness
from apiserver.call import Call
from apiserver.endpoints import read
from apiserver.endpoints.write import attributes, writer_of
from apiserver.options import WriteOptions
from apiserver.registry.metadata import without_duplicate_owners
from apiserver.registry.ownership import decided, taken_from
from apiserver.registry.store import Store
from machinery.api.apply import Conflicts, Writer, apply
from machinery.api.apply.managers import with_entries
from machinery.api.errors import AlreadyExists, BadRequest, Conflict, NotFound, UnsupportedMediaType
from machinery.api.model import Model
from machinery.api.yaml import load

Doc = dict[str, Any]
APPLY = "application/apply-patch+yaml"
STRATEGIC = patches.STRATEGIC
PATCHES = (patches.JSON, patches.MERGE, STRATEGIC, APPLY)
OWNERS = b"managedFields"
_TRIES = 5


def media_type_of(call: Call, accepted: Sequence[str] = ()) -> str:
    """Which form of patch this is; one of those that the kind accepts (all, if it does not say)."""
    media_type = call.http.headers.get("Content-Type", "").partition(";")[0].strip()
    if media_type not in (accepted or PATCHES):
        raise UnsupportedMediaType(accepted or PATCHES)
    return media_type


def options_of(call: Call) -> WriteOptions:
    return options.patch_options(call.http.query, apply=media_type_of(call) == APPLY)


async def patch(call: Call, store: Store) -> web.StreamResponse:
    """PATCH …/pods/web."""
    form, wanted = media_type_of(call, store.strategy.patches), options_of(call)
    if form == APPLY:
        return await _apply(call, store, wanted)
    change = await patcher(call, store.strategy.model, wanted)
    keep_owners = OWNERS not in await call.http.read()

    async def patched(old: Doc) -> Doc:
        if keep_owners:
            old["metadata"].pop("managedFields", None)  # absent means unchanged, and costs nothing to check
        return change(old)

    given = attributes(call, store, "UPDATE", dry_run=wanted.dry_run)
    return read.one(call, store, await store.update(given, patched))


async def patcher(call: Call, model: type[Model], wanted: WriteOptions) -> Callable[[Doc], Doc]:
    """The function that lays this request's patch, which is no apply, over a document, and decodes what comes out."""
    form, body = media_type_of(call), await call.http.read()
    try:
        document = decoding.loads(body)
    except decoding.Undecodable as error:
        raise BadRequest(str(error) if form == STRATEGIC else f"error decoding patch: {error}") from None
    complaints = [] if wanted.field_validation == "Ignore" else patches.strict_errors(form, document, body)
    decode = patches.Decoding(model, form, wanted.field_validation, complaints, document)

    def patched(old: Doc) -> Doc:
        fresh = decoding.loads(body)  # the outcome holds parts of it, and will be changed
        result, warnings = decode(patches.laid_over(form, old, fresh, model))
        call.warnings += [*warnings, *without_duplicate_owners(result, after=" after mutating admission happens")]
        return result

    return patched


async def applier(
    call: Call, model: type[Model], writer: Writer, wanted: WriteOptions
) -> tuple[Any, Callable[[Doc | None], Doc]]:
    """The configuration of an apply, and the function from the live object to the one that it asks for."""
    body = await call.http.read()
    config = _configuration(body)
    twice = "" if wanted.field_validation == "Ignore" else strictness.yaml_duplicates(body)

    def applied(live: Doc | None) -> Doc:
        outcome = apply(live, config, model, writer, now=datetime.now(UTC), force=wanted.force)
        if isinstance(outcome, Conflicts):
            raise outcome.error()
        if twice and wanted.field_validation == "Strict":
            raise BadRequest(f"error strict decoding YAML: error converting YAML to JSON: {twice}")
        call.warnings += strictness.warnings_of([twice] if twice else [])
        entries = taken_from(outcome.object)
        return with_entries(decoding.canonical(outcome.object, model, api_version=writer.api_version), entries)

    return config, applied


def _configuration(body: bytes) -> Any:
    if body.lstrip()[:1] == b"{":
        with contextlib.suppress(BadRequest):
            return decoding.parse_json(body)
    try:
        return load(body)
    except yaml.YAMLError as error:
        raise BadRequest(f"error decoding YAML: {error}".replace("\n", " ")) from None


async def _apply(call: Call, store: Store, wanted: WriteOptions) -> web.StreamResponse:
    """Create or change, whichever it takes; again when the object came or went meanwhile."""
    resource, strategy, info = store.resource, store.strategy, call.info
    writer = writer_of(call, resource.api_version, strategy.reset_fields(info.subresource))
    config, applied = await applier(call, strategy.model, writer, wanted)

    async def changed(old: Doc) -> Doc:
        return applied(old)

    changing, creating = (
        replace(attributes(call, store, operation, dry_run=wanted.dry_run), owners=decided)
        for operation in ("UPDATE", "CREATE")
    )
    for _ in range(_TRIES):
        if info.subresource or await _exists(call, store):
            try:
                return read.one(call, store, await store.update(changing, changed))
            except NotFound:
                if info.subresource or await _exists(call, store):
                    raise
        doc = _to_create(call, store, applied(None), config)
        with contextlib.suppress(AlreadyExists):
            return read.one(call, store, await store.create(creating, doc), status=201)
    raise Conflict(resource.plural, info.name, group=resource.group)


async def _exists(call: Call, store: Store) -> bool:
    key = store.key(call.info.namespace, call.info.name)
    return store.cacher.peek(key) is not None or await store.cacher.get(key) is not None


def _to_create(call: Call, store: Store, doc: Doc, config: Doc) -> Doc:
    """The object as it will be created: under the name of the URL, and unless a state was asked for that is not."""
    resource, meta, name = store.resource, doc["metadata"], call.info.name
    if uid := (config.get("metadata") or {}).get("uid"):
        why = f"uid mismatch: the provided object specified uid {uid}, and no existing object was found"
        raise Conflict(resource.plural, name, why, group=resource.group)
    if meta.get("resourceVersion"):
        raise store.missing(name)
    if not meta.get("name"):
        why = f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
        raise BadRequest(why)
    if meta["name"] != name:
        raise BadRequest(f"the name of the object ({meta['name']}) does not match the name on the URL ({name})")
    return doc
