"""Shows static pods in the API: for each one a mirror pod, which tells its status and decides nothing.

Watches pods of this node (the workers hand on those that are mirrors); writes Pods. A mirror that somebody deletes, or
whose file has changed, is taken away and made anew; one without a static pod goes.
Real Kubernetes: kubelet/pod/mirror_client.go, kubelet.go (reconcile of mirrors in SyncPod and HandlePodCleanups).
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from kubelet.static.manifest import CONFIG_MIRROR, shown_by
from machinery.api.core.v1 import Node, Pod, PodStatus
from machinery.api.errors import AlreadyExists, ApiError, Conflict, NotFound
from machinery.api.meta.v1 import ObjectMeta, OwnerReference
from machinery.client import cause
from machinery.client.rest import Client
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

RETRY_SECONDS = 2.0


@dataclass(frozen=True)
class Plan:
    """Which static pods want a mirror, and which mirrors must go."""

    create: tuple[Pod, ...] = ()
    delete: tuple[Pod, ...] = ()


def plan(static: Iterable[Pod], mirrors: Iterable[Pod]) -> Plan:
    """Pure. A name is free for a new mirror only when the old one is gone."""
    wanted = {_key(pod): pod for pod in static}
    held = {_key(mirror): mirror for mirror in mirrors}
    delete = tuple(mirror for key, mirror in held.items() if _wrong(mirror, wanted.get(key)))
    return Plan(tuple(pod for key, pod in wanted.items() if key not in held), delete)


def _key(pod: Pod) -> tuple[str, str]:
    return pod.metadata.namespace, pod.metadata.name


def _wrong(mirror: Pod, static: Pod | None) -> bool:
    deleted = mirror.metadata.deletion_timestamp is not None
    return static is None or deleted or shown_by(mirror) != static.metadata.uid


def mirror_of(static: Pod, node: Node) -> Pod:
    """What the API is given to show."""
    meta = static.metadata
    owner = OwnerReference(
        api_version="v1", kind="Node", name=node.metadata.name, uid=node.metadata.uid, controller=True
    )
    return Pod(
        metadata=ObjectMeta(
            name=meta.name,
            namespace=meta.namespace,
            labels=meta.labels,
            annotations={**meta.annotations, CONFIG_MIRROR: meta.uid},
            owner_references=(owner,),
        ),
        spec=static.spec,
        status=PodStatus(),
    )


class Mirrors:
    """Keeps the mirrors of this node as they shall be."""

    def __init__(self, client: Client, clock: Clock, *, node: Callable[[], Node | None],
                 static: Callable[[], Iterable[Pod]]) -> None:  # fmt: skip
        self._client = client
        self._clock = clock
        self._node = node
        self._static = static
        self._held: dict[str, Pod] = {}
        self._changed = asyncio.Event()

    def observe(self, old: Pod | None, new: Pod | None) -> None:
        """A mirror in the API is different now."""
        if new is not None:
            self._held[new.metadata.uid] = new
        elif old is not None:
            self._held.pop(old.metadata.uid, None)
        self.look_again()

    def look_again(self) -> None:
        """The static pods are others now."""
        self._changed.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            with cause.acting("kubelet", "mirrors"):
                done = await self._reconcile()
            if not done:
                await self._clock.sleep(RETRY_SECONDS)
                self._changed.set()

    async def _reconcile(self) -> bool:
        """False when something must be tried again."""
        todo, node = plan(self._static(), self._held.values()), self._node()
        done = [await self._delete(mirror) for mirror in todo.delete]
        done += [node is not None and await self._create(pod, node) for pod in todo.create]
        return all(done)

    async def _delete(self, mirror: Pod) -> bool:
        meta = mirror.metadata
        log.info("mirror pod %s/%s does not show what runs here: deleted", meta.namespace, meta.name)
        try:
            await self._client.delete(Pod, meta.name, meta.namespace, grace_period_seconds=0, uid=meta.uid)
        except (NotFound, Conflict):
            self._held.pop(meta.uid, None)
        except ApiError as error:
            log.warning("mirror pod %s/%s: %s", meta.namespace, meta.name, error)
            return False
        return True

    async def _create(self, pod: Pod, node: Node) -> bool:
        meta = pod.metadata
        try:
            await self._client.create(mirror_of(pod, node))
        except AlreadyExists:
            log.info("mirror pod %s/%s is there already", meta.namespace, meta.name)
        except ApiError as error:
            log.warning("mirror pod %s/%s: %s", meta.namespace, meta.name, error)
            return False
        return True
