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
_META = ("name", "namespace", "uid", "resourceVersion", "creationTimestamp")


def scale_of(obj: Doc) -> Doc:
    """The Scale of a Deployment, ReplicaSet and their like."""
    spec, status = obj.get("spec", {}), obj.get("status", {})
    text = _selector_text(spec.get("selector") or {})
    return {
        "kind": "Scale",
        "apiVersion": "autoscaling/v1",
        "metadata": {key: obj["metadata"][key] for key in _META if key in obj["metadata"]},
        "spec": {"replicas": spec.get("replicas", 0)},
        "status": {"replicas": status.get("replicas", 0), **({"selector": text} if text else {})},
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
    return replies.document(scale_of(orjson.loads(entry.body)), call)


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
    async def scaled(old: Doc) -> Doc:
        scale = change(_owned(scale_of(old), old))
        _check(scale, call)
        entries = to_parent(entries_of(old), entries_of(scale), store.resource.api_version)
        meta = {**old["metadata"], "resourceVersion": scale["metadata"].get("resourceVersion", "")}
        spec = {**old["spec"], "replicas": scale["spec"].get("replicas", 0)}
        return with_entries({**old, "metadata": meta, "spec": spec}, entries)

    given = write.attributes(call, store, "UPDATE", dry_run=dry_run)
    body = await store.update(replace(given, subresource="", owners=ownership.decided), scaled)
    return replies.document(scale_of(orjson.loads(body)), call)


def _owned(scale: Doc, parent: Doc) -> Doc:
    """The Scale with those owners of the parent's who own its replicas."""
    return with_entries(scale, to_scale(entries_of(parent)))


def _check(scale: Doc, call: Call) -> None:
    name = call.info.name
    check_against_url(scale.setdefault("metadata", {}), name=name, namespace=call.info.namespace)
    replicas = scale.setdefault("spec", {}).get("replicas", 0)
    if replicas < 0:
        why = "must be greater than or equal to 0"
        raise Invalid("Scale", name, [FieldError.invalid("spec.replicas", replicas, why)], group="autoscaling")
