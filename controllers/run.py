"""The controller manager: which controllers there are, and how they run together.

In Kubernetes: cmd/kube-controller-manager. One client, one copy of each kind, one process, many loops.
"""

from __future__ import annotations

import asyncio
import logging
import socket
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from controllers.accounts import Accounts
from controllers.clusterrole_aggregation import ClusterRoleAggregation
from controllers.config import Config
from controllers.csr_approving import CSRApprovingController
from controllers.csr_cleaner import CSRCleanerController
from controllers.csr_signing import CSRSigningController
from controllers.deployment import DeploymentController
from controllers.discovery import Served, discover
from controllers.disruption import DisruptionController
from controllers.endpoints import EndpointsController
from controllers.endpointslice import EndpointSliceController
from controllers.garbage_collector import GarbageCollector
from controllers.namespace import NamespaceController
from controllers.node_ipam import NodeIpamController
from controllers.node_lifecycle import NodeLifecycleController
from controllers.persistentvolume.binder import PersistentVolumeBinder
from controllers.pod_gc import PodGCController
from controllers.pv_protection import PVProtectionController
from controllers.pvc_protection import PVCProtectionController
from controllers.replicaset import ReplicaSetController
from controllers.replication_controller import ReplicationControllerController
from controllers.resource_quota import ResourceQuotaController
from controllers.root_ca_cert_publisher import RootCACertPublisher
from controllers.service_account import ServiceAccountController
from controllers.service_account_tokens import ServiceAccountTokensController
from controllers.taint_eviction import TaintEvictionController
from machinery.api.errors import ApiError
from machinery.client import leases
from machinery.client.config import load_kubeconfig
from machinery.client.controller import Context, Controller, run_controllers
from machinery.client.events import EventRecorder
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from machinery.component.clock import Clock, RealClock
from machinery.component.health import serve_health
from machinery.component.run import stoppable

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
Make = Callable[[Context], Controller]


def table(config: Config, served: Iterable[Served], certificate: str) -> dict[str, Make]:
    """Every controller, and the name under which its Events appear; those of kinds not served are left out."""
    plurals = {resource.plural for resource in served}
    optional = {"replicationcontrollers": ("replication-controller", ReplicationControllerController)}
    return dict(made for plural, made in optional.items() if plural in plurals) | {
        "namespace-controller": NamespaceController,
        "service-account-controller": ServiceAccountController,
        "root-ca-certificate-publisher": partial(RootCACertPublisher, certificate=certificate),
        "tokens-controller": partial(
            ServiceAccountTokensController, certificate=certificate,
            key_file=config.service_account_private_key_file),
        "replicaset-controller": ReplicaSetController,
        "deployment-controller": DeploymentController,
        "endpoint-controller": EndpointsController,
        "endpoint-slice-controller": EndpointSliceController,
        "controllermanager": DisruptionController,
        "node-controller": partial(NodeLifecycleController, grace=config.node_monitor_grace_period),
        "taint-eviction-controller": TaintEvictionController,
        "cidrAllocator": partial(
            NodeIpamController, cluster_cidr=config.cluster_cidr, mask=config.node_cidr_mask_size),
        "pod-garbage-collector": partial(PodGCController, quarantine=config.node_gone_quarantine),
        "resourcequota-controller": partial(ResourceQuotaController, served=served),
        "garbage-collector-controller": partial(GarbageCollector, served=served),
        "clusterrole-aggregation-controller": ClusterRoleAggregation,
        "persistentvolume-controller": partial(PersistentVolumeBinder, folder=config.hostpath_provisioner_folder),
        "pvc-protection-controller": PVCProtectionController,
        "pv-protection-controller": PVProtectionController,
        "csrapproving": CSRApprovingController,
        "csrsigning": partial(
            CSRSigningController, certificate=config.cluster_signing_cert_file, key=config.cluster_signing_key_file,
            longest=config.cluster_signing_duration),
        "csrcleaner": CSRCleanerController,
    }


async def run(config: Config, stop: asyncio.Event) -> None:
    """Work until stopped; with an election, only while elected."""
    async with Client(load_kubeconfig(config.kubeconfig or None), user_agent="kube-controller-manager") as client:
        health = serve_health(config.health_port, stop)
        await stoppable(stop, health, _lead(client, config, stop))


async def _lead(client: Client, config: Config, stop: asyncio.Event) -> None:
    work = partial(control, client, config, stop)
    if not config.leader_elect:
        return await work()
    # The machine's name, which outlives a killed process: the next one leads at once. One of us per machine, then.
    elector = leases.LeaderElector(client, "kube-controller-manager", socket.gethostname())
    return await elector.run(work, stop)


async def control(client: Client, config: Config, stop: asyncio.Event, *, clock: Clock | None = None) -> None:
    """Run the controllers over a client that someone else opens and closes."""
    clock = clock or RealClock()
    served = await _patiently_discover(client, clock)
    context = Context(client, InformerFactory(client), EventRecorder(client, "controllers"), clock)
    accounts = Accounts(client, clock) if config.use_service_account_credentials else None
    wanted = _wanted(config, served, _certificate(client, config))
    if accounts:
        await accounts.prepare(map(_name, wanted.values()))
    recorders, controllers = [], []
    for component, make in wanted.items():
        events = EventRecorder(client, component)
        own = accounts.client_of(_name(make)) if accounts else client
        recorders.append(events)
        controllers.append(make(replace(context, events=events, client=own)))
    try:
        async with asyncio.TaskGroup() as tasks:
            renewing = [tasks.create_task(accounts.run(context.informers), name="tokens")] if accounts else []
            await run_controllers(controllers, context.informers, stop)
            for task in renewing:
                task.cancel()
    finally:
        # Also when cancelled, and all at once: each may take its second where the API server is away.
        await asyncio.gather(*(events.close() for events in recorders))
        if accounts:
            await accounts.close()


def _wanted(config: Config, served: Iterable[Served], certificate: str) -> dict[str, Make]:
    made = table(config, served, certificate)
    return {component: make for component, make in made.items() if is_wanted(_name(make), config.controllers)}


def _name(make: Any) -> str:
    """The name of the controller that this makes."""
    return str(getattr(make, "func", make).name)


def is_wanted(name: str, choice: Iterable[str]) -> bool:
    """`*` wants all, `-name` all but one."""
    chosen = set(choice)
    return f"-{name}" not in chosen and (name in chosen or "*" in chosen)


async def _patiently_discover(client: Client, clock: Clock) -> list[Served]:
    """The API server may start after us."""
    while True:
        try:
            return await discover(client)
        except ApiError as error:
            log.info("waiting for the API server: %s", error)
            await clock.sleep(RETRY_SECONDS)


def _certificate(client: Client, config: Config) -> str:
    if config.root_ca_file or client.config.ca_file:
        return Path(config.root_ca_file or client.config.ca_file).read_text()
    return client.config.ca_data or ""
