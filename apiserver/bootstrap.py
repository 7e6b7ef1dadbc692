"""What the API server makes itself, at start and every few seconds again: namespaces, classes, its Service and Lease.
Roles and their bindings, flow schemas and their levels are looked at once, at start.

It costs nothing while all is there, since the watch cache knows. Each step that is done for the first time lets its
health check pass. Every few minutes the reservations of addresses and ports are compared with the Services.
Real Kubernetes: pkg/controlplane/controller/systemnamespaces, registry/core/service/{ipallocator,portallocator}.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable

import orjson

from apiserver import health
from apiserver.admission.priority import SYSTEM_CLASSES
from apiserver.authorization.reconcile import reconcile
from apiserver.ensure import Doc, Stores, ensure
from apiserver.flowcontrol import upkeep
from apiserver.health import Health
from apiserver.kubernetes_service import KubernetesService
from apiserver.registry.core.service import held, owner_of
from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.server_lease import ServerLease
from apiserver.storage.interface import Storage, StorageError
from apiserver.storage.keys import prefix_of
from machinery.api.errors import ApiError

log = logging.getLogger(__name__)

NAMESPACES = ("default", "kube-system", "kube-public", "kube-node-lease")
INTERVAL_SECONDS = 10.0
REPAIR_SECONDS = 180.0
LEAVE_SECONDS = 2.0
PREPARE_SECONDS = 5.0


class Bootstrap:
    """Wants the Stores, the ranges to repair, this server's Service and Lease, what to publish of whom it believes, and
    whom to tell of progress; with `fair`, flow schemas and their levels are made, too."""

    def __init__(
        self, stores: Stores, ranges: ServiceRanges, service: KubernetesService, *, lease: ServerLease,
        trust: Callable[[], Doc], progress: Health, fair: bool,
    ) -> None:  # fmt: skip
        self._stores, self._ranges, self._progress = stores, ranges, progress
        self._service, self._lease, self._trust = service, lease, trust
        self._has_policy, self._fair = False, fair

    async def run(self) -> None:
        """Keep it all true until cancelled; storage may be away for a while."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_again_and_again(self.once, INTERVAL_SECONDS), name="system objects")
            tasks.create_task(_again_and_again(self.repair, REPAIR_SECONDS), name="repair of service ranges")

    async def prepare(self) -> None:
        """Before anybody is let in: the namespaces and roles without which nobody could do anything.

        Storage that cannot be written is no reason not to serve.
        """
        try:
            async with asyncio.timeout(PREPARE_SECONDS):
                await self._foundations()
        except (TimeoutError, StorageError, ApiError) as error:
            log.warning("bootstrap goes on while serving: %s", error)

    async def _foundations(self) -> None:
        for name in NAMESPACES:
            await ensure(self._stores["", "v1", "namespaces"], {"metadata": {"name": name}})
        self._progress.passed(health.NAMESPACES)
        if not self._has_policy:
            await reconcile(self._stores)
            self._progress.passed(health.ROLES)
            if self._fair:
                await upkeep.keep(self._stores)
            self._progress.passed(health.FAIRNESS)
            self._has_policy = True

    async def leave(self) -> None:
        """Out of the Service; within bounds, since the server is going anyway."""
        try:
            async with asyncio.timeout(LEAVE_SECONDS):
                await self._service.leave()
        except (TimeoutError, StorageError, ApiError) as error:
            log.warning("could not leave the kubernetes Service, it will notice by itself: %s", error)

    async def once(self) -> None:
        """One turn, in the order in which objects need each other."""
        await self._foundations()
        for name, value in SYSTEM_CLASSES.items():
            await ensure(self._stores["scheduling.k8s.io", "v1", "priorityclasses"], system_class(name, value))
        self._progress.passed(health.PRIORITY_CLASSES)
        await ensure(self._stores["", "v1", "configmaps"], self._trust(), change="data")
        await self._service.join()
        self._progress.passed(health.BOOTSTRAP)
        await self._lease.renew()
        self._progress.passed(health.IDENTITY)

    async def repair(self) -> None:
        """What others left behind, or lost."""
        await repair(self._stores["", "v1", "services"].storage, self._ranges)
        self._progress.passed(health.SERVICE_IPS)
        await self._lease.remove_expired()


async def _again_and_again(work: Callable[[], Awaitable[None]], seconds: float) -> None:
    while True:
        try:
            await work()
        except (StorageError, ApiError) as error:
            log.warning("bootstrap postponed: %s", error)
            await asyncio.sleep(1)
            continue
        await asyncio.sleep(seconds)


async def repair(storage: Storage, ranges: ServiceRanges) -> None:
    """Reservations follow the Services that exist."""
    page = await storage.list(prefix_of("services"))
    objects = [orjson.loads(stored.body) for stored in page.items]
    owned = [(space, value, owner_of(obj)) for obj in objects for space, value in held(ranges, obj)]
    for space in (ranges.ips, ranges.ports):
        await ranges.repair(space, [(value, owner) for where, value, owner in owned if where == space])


def system_class(name: str, value: int) -> Doc:
    """The priority of what a cluster, or a node, cannot live without."""
    where = name.removeprefix("system-").removesuffix("-critical")
    why = f"Used for system critical pods that must {'run in the cluster' if where == 'cluster' else 'not be moved'}."
    return {"metadata": {"name": name}, "value": value, "description": why}
