"""The `scale` subresource: the replicas of anything that has them, seen as autoscaling/v1 Scale.

Real Kubernetes: pkg/registry/apps/*/storage (ScaleREST).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import orjson
from aiohttp import web

from apiserver import options, replies
from apiserver.apiextensions import json_path
from apiserver.call import Call
from apiserver.endpoints import patch as patching
from apiserver.endpoints import write
from apiserver.registry import ownership
from apiserver.registry.metadata import check_against_url
from apiserver.registry.store import Store
from machinery.api import labels
from machinery.api.apply import Writer
from machinery.api.apply.managers import entries_of, with_entries
from machinery.api.apply.scale import SCALE_VERSION, to_parent, to_scale
from machinery.api.autoscaling.v1 import Scale
from machinery.api.errors import FieldError, Invalid
from machinery.api.meta.v1 import LabelSelector

Doc = dict[str, Any]
Change = Callable[[Doc], Doc]
"""From the Scale as it is to the Scale as the writer wants it."""
Paths = tuple[str, str, str]
"""Where the replicas wanted, those present and the text of the selector stand in an object."""
_PATHS: Paths = (".spec.replicas", ".status.replicas", "")
_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(obj: Doc, paths: Paths | None = None) -> Doc:
    """The Scale of a Deployment, ReplicaSet and their like; of a custom resource, whose definition tells the paths."""
    wanted, present, selector = paths or _PATHS
    text = _selector_text(obj.get("spec", {}).get("selector") or {}) if paths is None else ""
    if selector:
        text = json_path.first(selector, obj) or ""
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: obj["metadata"][key] for key in _META if key in obj["metadata"]},
        "spec": {"replicas": json_path.first(wanted, obj) or 0},
        "status": {"replicas": json_path.first(present, obj) or 0, **({"selector": text} if text else {})},
    }


def _selector_text(selector: Doc) -> str:
    """A LabelSelector, or the plain labels of a ReplicationController, as one would type it."""
    plain = all(isinstance(value, str) for value in selector.values())
    found = LabelSelector(match_labels=selector) if plain else LabelSelector.from_dict(selector)
    return str(labels.from_label_selector(found))


async def get(call: Call, store: Store) -> web.StreamResponse:
    """GET …/deployments/web/scale."""
    entry = await store.cacher.get(store.key(call.info.namespace, call.info.name))
    if entry is None:
        raise store.missing(call.info.name)
    return replies.document(scale_of(orjson.loads(entry.body), store.strategy.scale_paths), call)


async def update(call: Call, store: Store) -> web.StreamResponse:
    """PUT …/deployments/web/scale."""
    wanted = options.write_options(call.http.query, "UpdateOptions")
    scale = await write.body_of(call, Scale, "autoscaling/v1", wanted)
    return await _write(call, store, _tracked(call, lambda _: scale), dry_run=wanted.dry_run)


async def patch(call: Call, store: Store) -> web.StreamResponse:
    """PATCH …/deployments/web/scale."""
    wanted = patching.options_of(call)
    if patching.media_type_of(call) == patching.APPLY:
        _, applied = await patching.applier(call, Scale, _writer(call), wanted)
        return await _write(call, store, applied, dry_run=wanted.dry_run)
    change = await patching.patcher(call, Scale, wanted)
    return await _write(call, store, _tracked(call, change), dry_run=wanted.dry_run)


def _writer(call: Call) -> Writer:
    return write.writer_of(call, SCALE_VERSION, ownership.STATUS)


def _tracked(call: Call, change: Change) -> Change:
    """The change, with the owners of the Scale after it."""
    owners = ownership.tracked(Scale, _writer(call))
    return lambda scale: owners(scale, change(scale))


async def _write(call: Call, store: Store, change: Change, *, dry_run: bool) -> web.StreamResponse:
    paths = store.strategy.scale_paths
    path = (paths or _PATHS)[0]
    steps = tuple(f"f:{name}" for name in json_path.names(path))

    asking = write.attributes(call, store, "UPDATE", dry_run=dry_run)

    async def scaled(old: Doc) -> Doc:
        scale = change(with_entries(scale_of(old, paths), to_scale(entries_of(old), steps)))
        _check(scale, call)
        await store.chain.passes(asking, scale, scale_of(old, paths))
        _check(scale, call)
        entries = to_parent(entries_of(old), entries_of(scale), store.resource.api_version, steps)
        meta = {**old["metadata"], "resourceVersion": scale["metadata"].get("resourceVersion", "")}
        new = json_path.put({**old, "metadata": meta}, path, scale["spec"].get("replicas", 0))
        return with_entries(new, entries)

    given = replace(asking, subresource="", owners=ownership.decided, settled=True)
    body = await store.update(given, scaled)
    return replies.document(scale_of(orjson.loads(body), paths), call)


def _check(scale: Doc, call: Call) -> None:
    name = call.info.name
    check_against_url(scale.setdefault("metadata", {}), name=name, namespace=call.info.namespace)
    replicas = scale.setdefault("spec", {}).get("replicas", 0)
    if replicas < 0:
        why = "must be greater than or equal to 0"
        raise Invalid("Scale", name, [FieldError.invalid("spec.replicas", replicas, why)], group="autoscaling")
