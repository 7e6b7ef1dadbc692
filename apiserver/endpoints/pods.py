"""The pod's own subresources: binding (the scheduler's word) and log (streamed from the node).

See also eviction, streams and proxy. Real Kubernetes: pkg/registry/core/pod/storage.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from aiohttp import web

from apiserver import options, replies
from apiserver.call import Call
from apiserver.endpoints import write
from apiserver.endpoints.containers import chosen
from apiserver.endpoints.dispatch import Endpoint
from apiserver.node_proxy import NodeProxy
from apiserver.registry.core import binding
from apiserver.registry.store import Store
from machinery.api.core.v1 import Binding

Doc = dict[str, Any]
_LOG_PARAMETERS = (
    "follow", "previous", "sinceSeconds", "sinceTime", "tailLines", "limitBytes", "timestamps",
    "insecureSkipTLSVerifyBackend", "stream",
)  # fmt: skip


async def bind(call: Call, store: Store) -> web.StreamResponse:
    """POST …/pods/web/binding: the pod runs on this node from now on, and on no other ever."""
    wanted = options.write_options(call.http.query)
    doc = await write.body_of(call, Binding, "v1", wanted)
    done = await binding.bind(store, write.attributes(call, store, "CREATE", dry_run=wanted.dry_run), doc)
    return replies.document(done, call, 201)


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
