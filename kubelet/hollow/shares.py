"""One watch of pods for many nodes: each node hears of its own, as if the watch were its own.

* What is meant for the nodes of another process is dropped before it is decoded.
* A share tells what an Informer of that node alone would tell, in the same order.
Watches all pods that have a node. Real Kubernetes: nothing like it; each of kubemark's nodes watches for itself.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Collection
from contextlib import aclosing
from typing import Any

from machinery.api.core.v1 import Pod
from machinery.client.informer import Handler, Informer
from machinery.client.reflector import Scope
from machinery.client.rest import Client, Listing, WatchEvent

NODE = re.compile(rb'"nodeName":\s*"([^"]+)"')
BY_NODE = "node"


class PodsOf:
    """A Client for one Informer, which reads no pods but those of some nodes."""

    def __init__(self, client: Client, nodes: Collection[str]) -> None:
        self._client = client
        self._names = frozenset(nodes)
        self._encoded = frozenset(name.encode() for name in nodes)

    async def list(self, kind: type[Pod], namespace: str = "", **narrowing: Any) -> Listing[Pod]:
        found = await self._client.list(kind, namespace, **narrowing)
        ours = tuple(pod for pod in found.items if pod.spec.node_name in self._names)
        return Listing(ours, found.resource_version)

    async def watch(self, kind: type[Pod], namespace: str = "", **narrowing: Any) -> AsyncIterator[WatchEvent[Pod]]:
        async with aclosing(self._client.watch(kind, namespace, only=self.concerns, **narrowing)) as events:
            async for event in events:
                yield event

    def concerns(self, frame: bytes) -> bool:
        """Whether it names one of our nodes, or none: then it is a bookmark, or an error."""
        names = NODE.findall(frame)
        return not names or not self._encoded.isdisjoint(names)


class Share:
    """The pods of one node: a PodSource."""

    def __init__(self, node: str, pods: Informer[Pod]) -> None:
        self._node, self._pods = node, pods
        self._handlers: list[Handler[Pod]] = []

    async def synced(self) -> None:
        await self._pods.synced()

    def on_change(self, handler: Handler[Pod]) -> None:
        self._handlers.append(handler)
        for pod in self._pods.lister.by_index(BY_NODE, self._node):
            handler(None, pod)

    def tell(self, old: Pod | None, new: Pod | None) -> None:
        for handler in self._handlers:
            handler(old, new)


class Shares:
    """Of one Informer, for each of these nodes one."""

    def __init__(self, client: Client, nodes: Collection[str]) -> None:
        scope = Scope(Pod, field_selector="spec.nodeName!=")
        self._pods: Informer[Pod] = Informer(PodsOf(client, nodes), scope)  # type: ignore[arg-type]
        self._pods.add_index(BY_NODE, lambda pod: (pod.spec.node_name,))
        self._pods.on_change(self._changed)
        self._shares = {name: Share(name, self._pods) for name in nodes}

    def of(self, node: str) -> Share:
        return self._shares[node]

    async def run(self) -> None:
        """Until cancelled."""
        await self._pods.run()

    def _changed(self, old: Pod | None, new: Pod | None) -> None:
        latest = new or old
        assert latest is not None
        if latest.spec.node_name in self._shares:
            self._shares[latest.spec.node_name].tell(old, new)
