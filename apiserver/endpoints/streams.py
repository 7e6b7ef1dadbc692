"""exec, attach and portforward: which container on which node, then the client's upgrade goes to that kubelet.

Nobody here looks into the stream, so every protocol works that the node speaks; what it refuses, the client sees
refused, and tries the next one.
Real Kubernetes: pkg/registry/core/pod/rest/subresources.go and pkg/registry/core/pod/strategy.go (streamLocation).
Left out: translating newer WebSocket protocols for older nodes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

import orjson
from aiohttp import web
from multidict import MultiMapping

from apiserver import options
from apiserver.call import Call
from apiserver.endpoints import connecting
from apiserver.endpoints.containers import chosen
from apiserver.endpoints.dispatch import Endpoint
from apiserver.node_proxy import NodeProxy
from apiserver.registry.store import Store
from machinery.api.errors import BadRequest

Doc = dict[str, Any]
Query = MultiMapping[str]
Location = Callable[[Doc, Query], str]
"""The path and query at the kubelet, from the pod and the client's query."""
_STREAMS = (("stdin", "input"), ("stdout", "output"), ("stderr", "error"), ("tty", "tty"))
"""What the API calls them, what kubelets do."""


def exec_location(pod: Doc, query: Query) -> str:
    parameters = [*_streams(query), *(("command", word) for word in query.getall("command", []))]
    return _path("exec", pod, chosen(pod, query.get("container", "")), parameters=parameters)


def attach_location(pod: Doc, query: Query) -> str:
    return _path("attach", pod, chosen(pod, query.get("container", "")), parameters=list(_streams(query)))


def port_forward_location(pod: Doc, query: Query) -> str:
    ports = ",".join(query.getall("ports", []))
    return _path("portForward", pod, parameters=[("ports", ports)] if ports else [])


LOCATIONS: dict[str, Location] = {
    "exec": exec_location, "attach": attach_location, "portforward": port_forward_location,
}  # fmt: skip


def _streams(query: Query) -> Iterator[tuple[str, str]]:
    return ((there, "1") for here, there in _STREAMS if options.flag(query, here))


def _path(what: str, pod: Doc, *container: str, parameters: list[tuple[str, str]]) -> str:
    meta = pod["metadata"]
    path = "/".join(("", what, *(quote(part) for part in (meta["namespace"], meta["name"], *container))))
    return f"{path}?{urlencode(parameters)}" if parameters else path


def node_of(pod: Doc) -> str:
    """The pod's node; a pod without one cannot be connected to."""
    if node := pod["spec"].get("nodeName", ""):
        return node
    raise BadRequest(f"pod {pod['metadata']['name']} does not have a host assigned")


def stream_endpoint(nodes: NodeProxy, location: Location) -> Endpoint:
    """GET or POST …/pods/web/exec and its like."""

    async def connect(call: Call, store: Store) -> web.StreamResponse:
        await connecting.admit(call, store)
        entry = await store.cacher.get(store.key(call.info.namespace, call.info.name))
        if entry is None:
            raise store.missing(call.info.name)
        pod = orjson.loads(entry.body)
        path = location(pod, call.http.query)
        return await nodes.connect(call, node_of(pod), path)

    return connect
