"""The pod network's agent: a controller whose only object is this machine's network.

Watches Nodes; writes routes, two iptables chains and the CNI configuration of this machine, nothing to the API.
Order matters: the configuration comes last, because with it the node becomes Ready and pods arrive.
Real Kubernetes has no such part: it asks for a plugin (flannel, Calico, kindnet …). This is the smallest one.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Iterable
from pathlib import Path

from addons.network import cni, masquerade
from addons.network.backend import Backend, HostGateway
from addons.network.config import Config
from addons.network.routes import conflicts, desired_routes, has_subnet, internal_ip
from machinery.api.core.v1 import Node
from machinery.client.config import load_kubeconfig
from machinery.client.controller import Context, Controller, run_controllers
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from machinery.component.health import serve_health

log = logging.getLogger(__name__)

KEY = "this-machine"
LOOK_AGAIN_SECONDS = 60.0
"""An interface that goes down takes its routes with it, and nobody tells us."""


async def run(config: Config, stop: asyncio.Event) -> None:
    if config.cleanup:
        await cleanup(config, HostGateway())
        return
    name = config.node_name or socket.gethostname().lower()
    async with Client(load_kubeconfig(config.kubeconfig or None), user_agent="mini-network") as client:
        ctx = Context(client, InformerFactory(client), EventRecorder(client, "mini-network", host=name))
        controller = Network(ctx, config, name, backend=HostGateway())
        async with asyncio.TaskGroup() as group:
            group.create_task(serve_health(config.health_port, stop))
            group.create_task(run_controllers([controller], ctx.informers, stop))


class Network(Controller):
    name = "network"
    workers = 1

    def __init__(self, ctx: Context, config: Config, node_name: str, *, backend: Backend) -> None:
        super().__init__(ctx)
        self._config = config
        self._me = node_name
        self._backend = backend
        self._rules = ""
        self._problems: list[str] = []
        self._nodes = ctx.informers.informer(Node)
        self.watches = ((self._nodes, wakes),)

    async def reconcile(self, key: str) -> float | None:
        nodes = list(self._nodes.lister)
        # pyroute2's plain calls run an event loop of their own, which only another thread can have.
        failed = await asyncio.to_thread(self._backend.apply, desired_routes(nodes, self._me))
        self._complain(conflicts(nodes, self._me) + failed)
        me = self._nodes.lister.get("", self._me)
        if me and has_subnet(me):
            await self._masquerade(masquerade.desired_rules(nodes, me))
            self._configure(me.spec.pod_cidr)
        return LOOK_AGAIN_SECONDS

    async def _masquerade(self, rules: str) -> None:
        if rules != self._rules:
            await masquerade.restore(rules)
            self._rules = rules

    def _configure(self, pod_cidr: str) -> None:
        config = cni.conflist(pod_cidr, self._config.cni_data_dir, self._config.mtu)
        if cni.write(config, Path(self._config.cni_conf_dir)):
            log.info("pods of this node get addresses from %s", pod_cidr)

    def _complain(self, problems: list[str]) -> None:
        """Once each, not once a minute."""
        for problem in problems:
            if problem not in self._problems:
                log.warning("%s", problem)
        self._problems = problems


def wakes(old: Node | None, new: Node | None) -> Iterable[str]:
    """Heartbeats change nothing here: only addresses and subnets do."""
    return () if old and new and facts(old) == facts(new) else (KEY,)


def facts(node: Node) -> tuple[str, str]:
    return node.spec.pod_cidr, internal_ip(node)


async def cleanup(config: Config, backend: Backend) -> None:
    await asyncio.to_thread(backend.apply, {})
    await masquerade.remove()
    (Path(config.cni_conf_dir) / cni.FILE_NAME).unlink(missing_ok=True)
