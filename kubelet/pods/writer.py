"""Sends pods' statuses to the API: at once, one request at a time per pod, the newest wins.

Writes pods/status by patch. What was sent is the base of the next difference, so nothing is sent twice and nothing
that others wrote is overwritten. Where many statuses wait for their turn, each is sent as it is by then: a pod that
runs meanwhile costs one write instead of two. A static pod's status goes to its mirror, once there is one.
Real Kubernetes: status/status_manager.go, where all statuses of a node go one after the other.
"""

from __future__ import annotations

import asyncio
import logging

from kubelet.pods.patch import status_patch
from machinery.api.core.v1 import Pod, PodStatus
from machinery.api.errors import ApiError, Conflict, Invalid, NotFound
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.rest import Client

log = logging.getLogger(__name__)

RETRY_SECONDS = (0.2, 1.0, 5.0)


def _revision(pod: Pod) -> int:
    return int(pod.metadata.resource_version or "0")


class StatusWriter:
    """The statuses of all pods of this node."""

    def __init__(self, client: Client, turns: asyncio.Semaphore) -> None:
        self._client = client
        self._turns = turns
        self._known: dict[str, Pod] = {}
        self._wanted: dict[str, PodStatus] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def observe(self, pod: Pod) -> None:
        """The API has this pod in this state."""
        self._remember(pod.metadata.uid, pod)

    def _remember(self, uid: str, pod: Pod) -> None:
        known = self._known.get(uid)
        if known is None or _revision(pod) > _revision(known):
            self._known[uid] = pod

    def observe_mirror(self, uid: str, mirror: Pod | None) -> None:
        """The API shows this static pod (by its UID on the node) as this mirror; None: it shows it no more."""
        known = self._known.get(uid)
        if mirror is None:
            if known is not None:
                status = self._wanted.pop(uid, known.status)
                self._known[uid] = Pod(metadata=ObjectMeta(uid=uid), status=status)
        elif known is None or known.metadata.uid == mirror.metadata.uid:
            self._remember(uid, mirror)
        else:
            self._known[uid] = mirror
            if mirror.status.start_time is None or mirror.status.phase in ("Succeeded", "Failed"):
                self._want(uid, known.status)

    def latest(self, pod: Pod) -> Pod:
        """The pod with the status that we last wanted, or last saw."""
        uid = pod.metadata.uid
        known = self._known.get(uid, pod)
        return pod.replace(status=self._wanted.get(uid, known.status))

    def submit(self, pod: Pod, status: PodStatus) -> None:
        uid = pod.metadata.uid
        self.observe(pod)
        if uid not in self._tasks and status == self._known[uid].status:
            return
        if not _revision(self._known[uid]):
            self._known[uid] = self._known[uid].replace(status=status)
            return
        self._want(uid, status)

    def _want(self, uid: str, status: PodStatus) -> None:
        self._wanted[uid] = status
        if uid not in self._tasks:
            self._tasks[uid] = asyncio.create_task(self._send_all(uid), name=f"status {self._known[uid].metadata.name}")

    async def flush(self, uid: str) -> None:
        """Returns once the last submitted status is written, or the pod turns out to be gone."""
        while uid in self._tasks:
            await asyncio.wait({self._tasks[uid]})

    def forget(self, uid: str) -> None:
        self._known.pop(uid, None)
        self._wanted.pop(uid, None)
        if uid in self._tasks:
            self._tasks.pop(uid).cancel()

    async def _send_all(self, uid: str) -> None:
        try:
            failures = 0
            while uid in self._wanted:
                try:
                    async with self._turns:
                        await self._send_newest(uid)
                except ApiError as error:
                    log.warning("status of pod %s: %s", uid, error)
                    await asyncio.sleep(RETRY_SECONDS[min(failures, len(RETRY_SECONDS) - 1)])
                    failures += 1
        finally:
            self._tasks.pop(uid, None)

    async def _send_newest(self, uid: str) -> None:
        """What is wanted by now, which may be wanted no more."""
        wanted = self._wanted.get(uid)
        if wanted is None:
            return
        try:
            await self._send(uid, wanted)
        except (NotFound, Conflict, Invalid) as error:
            log.info("status of pod %s dropped: %s", uid, error)
        if self._wanted.get(uid) is wanted:
            del self._wanted[uid]

    async def _send(self, uid: str, wanted: PodStatus) -> None:
        known = self._known[uid]
        body = status_patch(known.status, wanted, known.metadata.uid)
        if body is None:
            return
        meta = known.metadata
        answer = await self._client.patch(
            Pod, meta.name, meta.namespace, body, patch_type="strategic", subresource="status"
        )
        known = self._known.get(uid)
        if known is not None and known.metadata.uid == answer.metadata.uid:
            self._remember(uid, answer)
