"""The pod's own subresources: binding (the scheduler's word) and log (streamed from the node).

See also eviction, streams and proxy. Real Kubernetes: pkg/registry/core/pod/storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import orjson
from aiohttp import web

from apiserver import options, replies
from apiserver.call import Call
from apiserver.endpoints import write
from apiserver.endpoints.containers import chosen
from apiserver.endpoints.dispatch import Endpoint
from apiserver.node_proxy import NodeProxy
from apiserver.registry.metadata import stamp
from apiserver.registry.ownership import carried_over
from apiserver.registry.store import Store
from machinery.api.core.v1 import Binding
from machinery.api.errors import Conflict, FieldError, Invalid

Doc = dict[str, Any]
_LOG_PARAMETERS = (
    "follow", "previous", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "timestamps",
    "insecureSkipTLSVerifyBackend", "stream",
)  # fmt: skip


async def bind(call: Call, store: Store) -> web.StreamResponse:
    """POST …/pods/web/binding: the pod runs on this node from now on, and on no other ever."""
    wanted = options.write_options(call.http.query)
    binding = await write.body_of(call, Binding, "v1", wanted)
    target = binding.get("target", {})
    _check_target(call.info.name, target)
    given = replace(write.attributes(call, store, "UPDATE", dry_run=wanted.dry_run), owners=carried_over)

    async def bound(old: Doc) -> Doc:
        return _bound(old, binding["metadata"], target["name"])

    await store.update(given, bound)
    body = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "code": 201}
    return replies.document(body, call, 201)


def _check_target(name: str, target: Doc) -> None:
    found = []
    if target.get("kind", "") not in ("", "Node", "Minion"):
        found.append(FieldError.not_supported("target.kind", target["kind"], ["Node", "<empty>"]))
    if not target.get("name"):
        found.append(FieldError.required("target.name"))
    if found:
        raise Invalid("Binding", name, found)


def _bound(pod: Doc, wanted: Doc, node: str) -> Doc:
    meta, name = dict(pod["metadata"]), pod["metadata"]["name"]
    if wanted.get("uid") and wanted["uid"] != meta["uid"]:
        why = f"Precondition failed: UID in precondition: {wanted['uid']}, UID in object meta: {meta['uid']}"
        raise Conflict("pods/binding", name, why)
    if "deletionTimestamp" in meta:
        raise Conflict("pods/binding", name, f"pod {name} is being deleted, cannot be assigned to a host")
    if pod["spec"].get("nodeName"):
        raise Conflict("pods/binding", name, f'pod {name} is already assigned to node "{pod["spec"]["nodeName"]}"')
    if wanted.get("annotations"):
        meta["annotations"] = {**meta.get("annotations", {}), **wanted["annotations"]}
    conditions = [c for c in pod["status"].get("conditions", []) if c["type"] != "PodScheduled"]
    scheduled = {"type": "PodScheduled", "status": "True", "lastTransitionTime": stamp(datetime.now(UTC))}
    status = {**pod["status"], "conditions": [*conditions, scheduled]}
    return {**pod, "metadata": meta, "spec": {**pod["spec"], "nodeName": node}, "status": status}


def log_endpoint(nodes: NodeProxy) -> Endpoint:
    """GET …/pods/web/log, answered by the kubelet of the pod's node."""

    async def log(call: Call, store: Store) -> web.StreamResponse:
        entry = await store.cacher.get(store.key(call.info.namespace, call.info.name))
        if entry is None:
            raise store.missing(call.info.name)
        pod = orjson.loads(entry.body)
        container = chosen(pod, call.http.query.get("container", ""))
        node = pod["spec"].get("nodeName", "")
        if not node:
            return replies.text("")
        meta = pod["metadata"]
        path = f"/containerLogs/{meta['namespace']}/{meta['name']}/{container}"
        return await nodes.stream(call, node, path, _log_parameters(call.http.query))

    return log


def _log_parameters(query: Mapping[str, str]) -> dict[str, str]:
    return {key: query[key] for key in _LOG_PARAMETERS if key in query}
