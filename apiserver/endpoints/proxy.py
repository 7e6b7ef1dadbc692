"""…/pods/web/proxy/…, …/services/web/proxy/… and …/nodes/n1/proxy/…: answered by whatever listens there.

A service's request goes to one of its ready endpoints, drawn anew each time.
Real Kubernetes: pkg/registry/core/{pod,service,node}/rest or /storage (ProxyREST).
"""

from __future__ import annotations

import random
from collections.abc import Awaitable, Callable

import orjson
from aiohttp import web

from apiserver.call import Call
from apiserver.endpoints import connecting
from apiserver.endpoints.dispatch import Endpoint
from apiserver.node_proxy import NodeProxy
from apiserver.proxy.places import Place, node_place, pod_place, service_places, split
from apiserver.proxy.reverse import Road
from apiserver.registry.store import Store
from apiserver.storage.interface import Selection
from machinery.api import labels

METHODS = ("get", "create", "update", "patch", "delete", "options")
SERVICE_NAME = "kubernetes.io/service-name"
Find = Callable[[Call, Store], Awaitable[Place]]


def proxy_endpoint(nodes: NodeProxy, slices: Store) -> Endpoint:
    """Every method of …/proxy, for each kind that has one."""

    async def service(call: Call, store: Store) -> Place:
        wanted, namespace = split(call.info.name, "service"), call.info.namespace
        found = await store.find(wanted.name, namespace)
        selector = labels.from_labels({SERVICE_NAME: wanted.name})
        snapshot = await slices.cacher.list(Selection(slices.scope(namespace), selector), resource_version=0)
        behind = [orjson.loads(entry.body) for entry in snapshot.items]
        return random.choice(service_places(wanted, found, behind, namespace))

    ways: dict[str, Find] = {"pods": _pod, "services": service}

    async def answer(call: Call, store: Store) -> web.StreamResponse:
        await connecting.admit(call, store)
        if find := ways.get(store.resource.plural):
            road = Road.of(call.http.raw_path, segments=7)
            return await nodes.proxy.serve(call, road, await find(call, store))
        return await _node(call, nodes)

    return answer


async def _pod(call: Call, store: Store) -> Place:
    wanted = split(call.info.name, "pod")
    found = await store.find(wanted.name, call.info.namespace)
    if found is None:
        raise store.missing(wanted.name)
    return pod_place(wanted, found)


async def _node(call: Call, nodes: NodeProxy) -> web.StreamResponse:
    wanted, road = split(call.info.name, "node"), Road.of(call.http.raw_path, segments=5)
    host, port = await nodes.address(wanted.name)
    if place := node_place(wanted, host, port):
        return await nodes.proxy.serve(call, road, place)
    return await nodes.proxy.serve(call, road, Place(host, port, secure=True), tls=nodes.tls)
