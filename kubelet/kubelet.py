"""The kubelet, put together: every part is made here, every task is named here.

Watches pods of this node and services; writes what its parts write. `run` is the kubelet of one machine; kubelet/hollow
runs many that share their watches. Real Kubernetes: kubelet.go (NewMainKubelet, Run).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from kubelet.cgroups import Cgroups, NoCgroups
from kubelet.config import Config
from kubelet.containers.sandbox import read_host_dns
from kubelet.csi.listing import Listing
from kubelet.csi.plugins import Plugins
from kubelet.eviction.eviction import Eviction, Hands
from kubelet.image_collection import ImageCollection, names_in_use
from kubelet.images import Images
from kubelet.node.facts import Machine, read_machine
from kubelet.node.gate import Gate, Surroundings
from kubelet.node.keeper import NodeKeeper
from kubelet.node.status import allocatable, new_node
from kubelet.objects import Objects
from kubelet.pods.log_rotation import LogRotation
from kubelet.pods.refusal import refusal
from kubelet.pods.tools import Tools
from kubelet.pods.workers import PodSource, PodWorkers
from kubelet.pods.writer import StatusWriter
from kubelet.probes.prober import Prober
from kubelet.runtime.interface import Runtime, RuntimeVersion
from kubelet.runtime.wait import wait_for_runtime
from kubelet.static.mirrors import Mirrors
from kubelet.volumes.mounter import Mounter
from kubelet.volumes.mounter import Node as VolumeNode
from machinery.api.core.v1 import Node, Pod, Service
from machinery.api.model import Object
from machinery.api.quantity import value
from machinery.client.config import load_kubeconfig
from machinery.client.events import EventRecorder
from machinery.client.informer import Informer, InformerFactory
from machinery.client.leases import LeaseRenewer
from machinery.client.rest import Client
from machinery.component.clock import Clock, RealClock
from machinery.component.health import Health, serve_health
from machinery.component.run import stoppable

STATUSES_AT_ONCE = 10
ENDPOINTS = {"containerd": "unix:///run/containerd/containerd.sock", "docker": "unix:///var/run/docker.sock"}


def make_runtime(config: Config) -> Runtime:
    """Each runtime is imported only when it is used: gRPC alone costs 9 MB."""
    if config.container_runtime == "hollow":
        from kubelet.runtime.hollow import HollowRuntime

        return HollowRuntime(start_seconds=config.hollow_start_seconds)
    endpoint = config.container_runtime_endpoint or ENDPOINTS.get(config.container_runtime, "")
    if config.container_runtime == "docker":
        return _docker(config, endpoint)
    from kubelet.runtime.cri.runtime import CriRuntime

    return CriRuntime(endpoint)


def _docker(config: Config, endpoint: str) -> Runtime:
    from kubelet.runtime.docker.runtime import DockerRuntime, Settings

    settings = Settings(
        folder=Path(config.root_dir) / "docker",
        pause=config.pod_infra_container_image,
        cni_conf_dir=config.cni_conf_dir,
        cni_bin_dirs=config.cni_bin_dir,
        log_bytes=value(config.container_log_max_size),
        log_files=config.container_log_max_files,
    )
    return DockerRuntime(endpoint, settings)


@dataclass(frozen=True)
class Base:
    """What the parts stand on."""

    config: Config
    client: Client
    heartbeats: Client
    """The same, or one beside it: that the node lives must not have to wait for news of its pods."""
    runtime: Runtime
    version: RuntimeVersion
    machine: Machine
    recorder: EventRecorder
    clock: Clock
    status_turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(STATUSES_AT_ONCE))
    """Pods' statuses that may be on their way at once."""


@dataclass(frozen=True)
class Sources:
    """What a kubelet hears of the API: by its own watches, or by those that several nodes in a process share."""

    pods: PodSource
    services: Informer[Service]
    objects: Objects


def own_sources(client: Client, factory: InformerFactory, node: str) -> Sources:
    """One watch of the node's pods, and nothing of other nodes'."""
    pods: Informer[Pod] = factory.informer(Pod, field_selector=f"spec.nodeName={node}")
    return Sources(pods, factory.informer(Service), Objects(client))


class Kubelet:
    """The parts, wired."""

    def __init__(self, base: Base, sources: Sources) -> None:
        self.base = base
        config = base.config
        self.services, self.objects = sources.services, sources.objects
        self.objects.on_change(self._object_changed)
        self.tools = self._tools(base)
        self.workers = PodWorkers(self.tools, sources.pods)
        self.images = self._image_collection(base)
        self.eviction = self._eviction(base) if config.container_runtime != "hollow" else None
        self.keeper = NodeKeeper(
            config,
            base.machine,
            base.heartbeats,
            runtime=base.runtime,
            version=base.version,
            recorder=base.recorder,
            clock=base.clock,
            on_ready=self.workers.try_again,
        )
        self.keeper.pressures, self.keeper.note_images = self._pressures, self.images.note
        self.mirrors = Mirrors(
            base.client, base.clock, node=lambda: self.keeper.node, static=self.workers.static_pods
        )
        self.workers.on_mirror = self.mirrors.observe
        self.rotation = LogRotation(config, base.runtime, base.clock, self.workers.containers)

    def _tools(self, base: Base) -> Tools:
        config, clock = base.config, base.clock
        room = allocatable(base.machine, config)
        around = Surroundings(
            node=self._node,
            allocatable=lambda: room,
            pods=lambda: self.workers.active_pods(),
            pressures=self._pressures,
            shutting_down=lambda: self.keeper.shutting_down,
            never=partial(refusal, unsafe_sysctls=config.allowed_unsafe_sysctls, app_armor=base.machine.app_armor),
        )
        listing = Listing(base.client, config.node_name)
        self.plugins = Plugins(config.root_dir, listing, clock, on_driver=lambda: self.workers.try_again())
        hollow = config.container_runtime == "hollow"
        volume_node = VolumeNode(config.node_name, self._node_labels, lambda: room, self.plugins, hollow)
        pulls = 1 if config.serialize_image_pulls else config.max_parallel_image_pulls
        return Tools(
            config=config,
            clock=clock,
            client=base.client,
            runtime=base.runtime,
            runtime_name=base.version.name,
            images=Images(base.runtime, clock, most_at_once=pulls),
            mounter=Mounter(config.root_dir, base.client, self.objects, clock=clock, node=volume_node),
            cgroups=self._cgroups(base),
            prober=Prober(base.runtime, clock, self._verdict),
            writer=StatusWriter(base.client, base.status_turns),
            recorder=base.recorder,
            services=lambda: self.services.lister.list(),
            allocatable=lambda: room,
            pods=self.pods,
            memory_capacity=base.machine.memory_bytes,
            host_dns=read_host_dns(),
            admit=Gate(base.client, around).admit,
        )

    def _cgroups(self, base: Base) -> Cgroups | NoCgroups:
        config = base.config
        if config.container_runtime == "hollow":
            return NoCgroups()
        return Cgroups(config.cgroup_root, cpus=base.machine.cpus, most_pids=config.pod_max_pids, pods=self.pods)

    def _node_labels(self) -> Mapping[str, str]:
        node = self.keeper.node
        return node.metadata.labels if node is not None else self.base.config.node_labels

    def _image_collection(self, base: Base) -> ImageCollection:
        return ImageCollection(
            base.config, base.runtime, base.clock, tell=self._warn_node,
            names=lambda: names_in_use(self.workers.containers(), self.workers.active_pods()),
        )  # fmt: skip

    def _eviction(self, base: Base) -> Eviction:
        """Nothing is short where nothing runs: a hollow node has none."""
        hands = Hands(
            pods=self.workers.active_pods,
            end=self.workers.end,
            ended=self.workers.ended,
            reclaim=self._reclaim,
            warn_pod=lambda pod, reason, message: self.tools.tell(pod).warning(reason, message),
            warn_node=self._warn_node,
            changed=lambda: self.keeper.look_again(),
        )
        return Eviction(base.config, base.runtime, base.clock, hands)

    def _pressures(self) -> frozenset[str]:
        return self.eviction.conditions if self.eviction else frozenset()

    def _node(self) -> Node:
        return self.keeper.node or new_node(self.base.config, self.base.machine)

    def _warn_node(self, reason: str, message: str) -> None:
        self.base.recorder.record(self._node(), "Warning", reason, message)

    async def _reclaim(self) -> None:
        """What nobody needs: containers that have ended, then images."""
        await self.workers.remove_dead()
        self.images.note(await self.base.runtime.images())
        await self.images.reclaim()

    def _object_changed(self, uid: str, obj: Object) -> None:
        self.workers.object_changed(uid, obj)

    def _verdict(self, uid: str) -> None:
        self.workers.poke(uid, "Probe/verdict@now")

    def pods(self) -> Iterable[Pod]:
        return self.workers.pods()

    async def work(self) -> None:
        """Static pods at once; those of the API when services are known: containers are promised variables for each."""
        async with asyncio.TaskGroup() as group:
            if self.base.config.pod_manifest_path:
                self._follow_folder(group)
            group.create_task(self.workers.run(self.services.synced()), name="pods")
            group.create_task(self.mirrors.run(), name="mirror pods")
            group.create_task(self.rotation.run(), name="log rotation")
            if self.base.config.container_runtime != "hollow":
                group.create_task(self.plugins.run(), name="plugins")
            if self.eviction is not None:
                group.create_task(self._keep_room(self.eviction), name="room on the node")

    async def shut_down(self) -> None:
        """Before the node goes: every pod ends, if the configuration gives it time for that."""
        config = self.base.config
        total, critical = config.shutdown_grace_period, config.shutdown_grace_period_critical_pods
        if total > 0:
            from kubelet.node.shutdown import end_pods

            self.keeper.shutting_down = True
            self.keeper.look_again()
            await end_pods(self.workers, self.base.clock, total=total, critical=critical)

    async def _keep_room(self, eviction: Eviction) -> None:
        """Not before it is known what the node's pods need."""
        await self.workers.heard_all.wait()
        await asyncio.gather(eviction.run(), self.images.run())

    def _follow_folder(self, group: asyncio.TaskGroup) -> None:
        """Read once before anything else: what nobody describes is ended."""
        from kubelet.static.folder import follow, read

        folder, node = Path(self.base.config.pod_manifest_path), self.base.config.node_name
        self.workers.set_static(read(folder, node))
        group.create_task(follow(folder, node, self.workers.set_static), name="static pods")


async def run(config: Config, stop: asyncio.Event) -> None:
    """The kubelet from start to end."""
    clock, runtime = RealClock(), make_runtime(config)
    async with Client(load_kubeconfig(config.kubeconfig or None), user_agent="kubelet") as client:
        version = await wait_for_runtime(runtime, clock, stop)
        if version is None:
            return
        recorder = EventRecorder(client, "kubelet", config.node_name)
        machine = read_machine(config.root_dir)
        factory = InformerFactory(client)
        sources = own_sources(client, factory, config.node_name)
        kubelet = Kubelet(Base(config, client, client, runtime, version, machine, recorder, clock), sources)
        told, stop = stop, asyncio.Event()
        async with asyncio.TaskGroup() as group:
            group.create_task(_stop_after(kubelet, told, stop), name="shutdown")
            group.create_task(factory.run(stop), name="informers")
            group.create_task(live(kubelet, stop), name="node")
            group.create_task(_serve(config, kubelet, stop), name="node server")
            group.create_task(serve_health(config.health_port, stop, health=Health()), name="health")
        await kubelet.objects.close()
        await recorder.close()
        await runtime.close()


async def live(kubelet: Kubelet, stop: asyncio.Event) -> None:
    """What makes a node of it: its pods, its status, its heartbeat."""
    base = kubelet.base
    async with asyncio.TaskGroup() as group:
        group.create_task(stoppable(stop, kubelet.keeper.run(), kubelet.work()), name="node and pods")
        group.create_task(LeaseRenewer(base.heartbeats, base.config.node_name).run(stop), name="lease")


async def _stop_after(kubelet: Kubelet, told: asyncio.Event, stop: asyncio.Event) -> None:
    """Everything goes on until the pods have ended."""
    await told.wait()
    await kubelet.shut_down()
    stop.set()


async def _serve(config: Config, kubelet: Kubelet, stop: asyncio.Event) -> None:
    if not config.tls_cert_file:
        return
    from kubelet.server.authorization import Authorization
    from kubelet.server.server import serve

    may = Authorization(kubelet.base.client, config.node_name, kubelet.base.clock)
    await serve(config, kubelet.pods, kubelet.base.runtime, may, stop=stop)
