"""What the API knows of this node's CSI drivers: its CSINode, and on the Node their ids and topology.

Writes CSINode (owned by the Node), and the Node's annotation csi.volume.kubernetes.io/nodeid and topology labels.
Real Kubernetes: volume/csi/nodeinfomanager.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from machinery.api.core.v1 import Node
from machinery.api.errors import AlreadyExists, Conflict
from machinery.api.meta.v1 import ObjectMeta, OwnerReference
from machinery.api.storage.v1 import CSINode, CSINodeDriver, CSINodeSpec, VolumeNodeResources
from machinery.client.rest import Client

if TYPE_CHECKING:
    from kubelet.csi.driver import DriverInfo

NODE_IDS = "csi.volume.kubernetes.io/nodeid"
TRIES = 5

Drivers = tuple[CSINodeDriver, ...]


def described(name: str, info: DriverInfo) -> CSINodeDriver:
    """The driver's entry. Pure."""
    most = VolumeNodeResources(count=info.most_volumes) if info.most_volumes else None
    return CSINodeDriver(name=name, node_id=info.node_id, topology_keys=tuple(sorted(info.topology)), allocatable=most)


class Listing:
    """Of one node."""

    def __init__(self, client: Client, node_name: str) -> None:
        self._client = client
        self._name = node_name

    async def begin(self) -> None:
        """Every node has a CSINode, with drivers or without: the scheduler counts on it."""
        node = await self._client.get(Node, self._name)
        owner = OwnerReference(api_version="v1", kind="Node", name=self._name, uid=node.metadata.uid)
        meta = ObjectMeta(name=self._name, owner_references=(owner,))
        try:
            await self._client.create(CSINode(metadata=meta, spec=CSINodeSpec()))
        except AlreadyExists:
            return

    async def add(self, name: str, info: DriverInfo) -> None:
        entry = described(name, info)
        await self._change(lambda drivers: (*(d for d in drivers if d.name != name), entry))
        await self._annotate(name, info.node_id, dict(info.topology))

    async def remove(self, name: str) -> None:
        await self._change(lambda drivers: tuple(d for d in drivers if d.name != name))
        await self._annotate(name, None, {})

    async def _change(self, changed: Callable[[Drivers], Drivers]) -> None:
        for left in reversed(range(TRIES)):
            found = await self._client.get(CSINode, self._name)
            wanted = changed(found.spec.drivers)
            if wanted == found.spec.drivers:
                return
            try:
                await self._client.update(found.replace(spec=found.spec.replace(drivers=wanted)))
                return
            except Conflict:
                if not left:
                    raise

    async def _annotate(self, name: str, node_id: str | None, labels: dict[str, str]) -> None:
        node = await self._client.get(Node, self._name)
        ids = json.loads(node.metadata.annotations.get(NODE_IDS, "{}"))
        wanted = {key: value for key, value in {**ids, name: node_id}.items() if value is not None}
        meta = {"annotations": {NODE_IDS: json.dumps(wanted, sort_keys=True) if wanted else None}, "labels": labels}
        await self._client.patch(Node, self._name, body={"metadata": meta})
