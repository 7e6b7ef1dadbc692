"""kubeproxy assembled: three informers, one pure view of them, one loop to the kernel.

Watches Services, EndpointSlices and its own Node; writes nothing to the API, only this network namespace's tables.
Real Kubernetes: cmd/kube-proxy/app/server.go.
"""

from __future__ import annotations

import asyncio
import logging
import socket

from kubeproxy.config import Config
from kubeproxy.iptables import Iptables
from kubeproxy.kernel import prepare
from kubeproxy.ports import ServicePort, service_ports
from kubeproxy.sync import Sync
from machinery.api.core.v1 import Node, Service
from machinery.api.discovery.v1 import EndpointSlice
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.config import load_kubeconfig
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from machinery.component.clock import RealClock
from machinery.component.health import Health, serve_health
from machinery.component.run import stoppable

log = logging.getLogger(__name__)


async def run(config: Config, stop: asyncio.Event) -> None:
    backend = Iptables(config.cluster_cidr)
    if config.cleanup:
        await backend.cleanup()
        return
    for problem in prepare():
        log.warning("%s", problem)
    async with Client(load_kubeconfig(config.kubeconfig or None), user_agent="kube-proxy") as client:
        factory = InformerFactory(client)
        view = View(factory, config.hostname_override or socket.gethostname().lower())
        sync = Sync(
            view.ports, backend, RealClock(), min_sync=config.min_sync_period, full_sync=config.full_sync_period
        )
        await stoppable(
            stop,
            factory.run(stop),
            follow(view, factory, sync),
            serve_health(config.health_port, stop, health=health_of(sync)),
        )


class View:
    """What the informers know, as service ports seen from this node."""

    def __init__(self, factory: InformerFactory, node_name: str) -> None:
        self._nobody = Node(metadata=ObjectMeta(name=node_name))
        self._services = factory.informer(Service)
        self._slices = factory.informer(EndpointSlice)
        self._nodes = factory.informer(Node, field_selector=f"metadata.name={node_name}")

    def ports(self) -> list[ServicePort]:
        """A node that is not registered yet has no zone, but its services work."""
        node = self._nodes.lister.get("", self._nobody.metadata.name) or self._nobody
        return service_ports(self._services.lister, self._slices.lister, node)

    def on_change(self, sync: Sync) -> None:
        """A node's heartbeats change nothing here; its labels may."""
        self._services.on_change(lambda old, new: sync.poke())
        self._slices.on_change(lambda old, new: sync.poke())
        self._nodes.on_change(lambda old, new: None if same_labels(old, new) else sync.poke())


def same_labels(old: Node | None, new: Node | None) -> bool:
    return bool(old and new and old.metadata.labels == new.metadata.labels)


async def follow(view: View, factory: InformerFactory, sync: Sync) -> None:
    """Half a view would refuse traffic of services that are merely not listed yet."""
    await factory.synced()
    view.on_change(sync)
    await sync.run()


def health_of(sync: Sync) -> Health:
    health = Health()
    health.ready["rules"] = lambda: "" if sync.healthy else "the kernel does not hold the current rules"
    return health
