"""Hollow nodes by the hundred: for each a whole kubelet, over what they have in common.

In common: connections, one watch of pods, one of services, one of each ConfigMap or Secret. Of its own each node has
its runtime, workers, status, lease and events. Pods' statuses, heartbeats and events do not wait for each other.
Watches and writes what every kubelet does. Real Kubernetes: kubemark (cmd/kubemark/app/hollow_node.go).
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from kubelet.config import Config as Settings
from kubelet.hollow.config import Config, first_address, kubelets, node_names
from kubelet.hollow.shares import Shares
from kubelet.kubelet import Base, Kubelet, Sources, live
from kubelet.node.facts import Machine, read_machine
from kubelet.objects import Objects
from kubelet.runtime.hollow import HollowRuntime
from machinery.api.core.v1 import Service
from machinery.api.quantity import value
from machinery.client.config import load_kubeconfig
from machinery.client.events import EventRecorder
from machinery.client.informer import Informer, InformerFactory
from machinery.client.rest import Client
from machinery.component.clock import RealClock
from machinery.component.health import serve_health
from machinery.component.run import stoppable


@dataclass(frozen=True)
class Common:
    """What all nodes of this process share."""

    client: Client
    heartbeats: Client
    teller: Client
    """For events."""
    machine: Machine
    shares: Shares
    services: Informer[Service]
    objects: Objects
    status_turns: asyncio.Semaphore


async def run(config: Config, stop: asyncio.Event) -> None:
    """All nodes until stopped. Their containers end with the process; the next one starts them anew."""
    known = load_kubeconfig(config.kubeconfig or None)
    many, few = config.requests_at_once, max(1, config.requests_at_once // 8)
    async with (
        Client(known, user_agent="kubelet", most_at_once=many) as client,
        Client(known, user_agent="kubelet", most_at_once=many) as heartbeats,
        Client(known, user_agent="kubelet", most_at_once=few) as teller,
    ):
        factory = InformerFactory(client)
        shares = Shares(client, node_names(config))
        machine = claimed(read_machine(config.root_dir), config)
        common = Common(
            client, heartbeats, teller, machine, shares, factory.informer(Service), Objects(client),
            asyncio.Semaphore(max(1, many // 2)),
        )  # fmt: skip
        async with asyncio.TaskGroup() as group:
            group.create_task(factory.run(stop), name="informers")
            group.create_task(stoppable(stop, shares.run()), name="pods")
            for index, settings in enumerate(kubelets(config)):
                runtime = HollowRuntime(
                    start_seconds=config.start_seconds, missing=frozenset(config.missing_images),
                    first_address=first_address(config, index),
                )  # fmt: skip
                group.create_task(one_node(settings, runtime, common, stop), name=settings.node_name)
            group.create_task(serve_health(config.health_port, stop), name="health")
        await common.objects.close()


def claimed(machine: Machine, config: Config) -> Machine:
    """This machine, as large as the nodes shall seem."""
    processors, memory = config.capacity.get("cpu"), config.capacity.get("memory")
    if processors:
        machine = replace(machine, cpus=value(processors))
    return replace(machine, memory_bytes=value(memory)) if memory else machine


async def one_node(settings: Settings, runtime: HollowRuntime, common: Common, stop: asyncio.Event) -> None:
    """What a kubelet is on a machine of its own."""
    recorder = EventRecorder(common.teller, "kubelet", settings.node_name)
    version = await runtime.version()
    client, heartbeats = common.client, common.heartbeats
    base = Base(
        settings, client, heartbeats, runtime, version, common.machine, recorder, RealClock(), common.status_turns
    )
    sources = Sources(common.shares.of(settings.node_name), common.services, common.objects)
    await live(Kubelet(base, sources), stop)
    await recorder.close()
    await runtime.close()
