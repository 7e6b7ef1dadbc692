"""One task per pod: takes the newest news from its mailbox, moves through the stages, acts, goes home.

* The mailbox has one slot: what was not looked at yet is replaced by what is newer.
* One thing at a time per pod; a deletion (or a shorter grace) interrupts whatever is being done.
* Only this loop retries.
Real Kubernetes: pod_workers.go as it was in 2015, with the stages of today.
"""

from __future__ import annotations

import asyncio
import logging
import shutil
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from kubelet.containers.sandbox import grace_period
from kubelet.node.admission import REJECTED
from kubelet.pods import kill
from kubelet.pods.look import look
from kubelet.pods.report import report
from kubelet.pods.state import Facts, Stage, log_transition, transition
from kubelet.pods.status import Verdict
from kubelet.pods.sync import SyncFailure, pause_after, sync
from kubelet.pods.tools import Memory, Tools
from kubelet.runtime.interface import RuntimeFailure, RuntimePod
from kubelet.volumes.failure import VolumeFailure
from machinery.api.core.v1 import Pod
from machinery.api.errors import ApiError, Conflict, NotFound
from machinery.client import cause

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class News:
    """What the pod shall be, as far as the worker was told; `gone` when the API has it no more."""

    pod: Pod
    gone: bool = False
    woken_by: tuple[str, ...] = ()

    @property
    def grace(self) -> int:
        asked = self.pod.metadata.deletion_grace_period_seconds
        return grace_period(self.pod) if asked is None else asked

    @property
    def ending(self) -> bool:
        return self.gone or self.pod.metadata.deletion_timestamp is not None


class PodWorker:
    """The life of one pod UID on this node."""

    def __init__(self, tools: Tools, news: News) -> None:
        self.uid = news.pod.metadata.uid
        self.stage = Stage.SYNCING
        self._tools = tools
        self._news = news
        self._fresh = asyncio.Event()
        self._fresh.set()
        self._memory = Memory(self.uid, RuntimePod(self.uid))
        self._over = (news.pod.status.phase in ("Succeeded", "Failed") and "the pod has ended") or ""
        self._most_grace: float | None = None
        self._admitted = False
        self._stopped = self._cleaned = self._deleted = False
        self._again_after: float | None = None
        self._act: asyncio.Task[None] | None = None

    @property
    def key(self) -> str:
        return f"{self._news.pod.metadata.namespace}/{self._news.pod.metadata.name}"

    @property
    def active(self) -> bool:
        """Whether it takes part of the node's room."""
        return (self.stage is Stage.SYNCING and not self._over) or self.stage is Stage.TERMINATING

    @property
    def failing(self) -> bool:
        return self._memory.failures > 0

    @property
    def seen(self) -> RuntimePod:
        """What the runtime held at the last look."""
        return self._memory.status

    @property
    def pod(self) -> Pod:
        return self._news.pod

    def tell(self, news: News) -> None:
        """Replaces what is in the mailbox. Interrupts if the pod must end, or end sooner."""
        before = self._news
        woken_by = cause.merged(before.woken_by, news.woken_by) if self._fresh.is_set() else news.woken_by
        self._news = News(news.pod, news.gone or before.gone, woken_by)
        self._fresh.set()
        sooner = self._news.ending and (not before.ending or self._news.grace < before.grace)
        if self._act is not None and (sooner or (self._news.gone and not before.gone)):
            self._act.cancel()

    def end(self, verdict: Verdict, grace: float | None = None) -> None:
        """The node ends this pod though nobody deleted it, within that grace period if it is the shorter one."""
        if self._over or self._news.ending:
            return
        self._memory.verdict, self._over, self._most_grace = verdict, verdict.reason, grace
        self._fresh.set()
        if self._act is not None:
            self._act.cancel()

    def poke(self, *woken_by: str) -> None:
        """Look again: something may have changed."""
        self.tell(News(self._news.pod, self._news.gone, woken_by))

    def outdated(self, status: RuntimePod) -> bool:
        """Whether the runtime holds something else than at the last look, or the last step failed."""
        if self._act is not None:
            return False
        return self.failing or _states(status) != _states(self._memory.status)

    async def run(self) -> None:
        while self.stage is not Stage.FINISHED:
            await self._wait()
            self._fresh.clear()
            with cause.acting("kubelet", self.key, self._news.woken_by):
                await self._interruptible(self._step())

    async def _wait(self) -> None:
        """For news, or for the time that the last step asked for."""
        try:
            async with asyncio.timeout(self._again_after):
                await self._fresh.wait()
        except TimeoutError:
            pass

    async def _interruptible(self, step: Coroutine[Any, Any, None]) -> None:
        self._act = asyncio.create_task(step, name=f"pod {self.key}")
        try:
            await asyncio.wait({self._act})
            if not self._act.cancelled():
                self._act.result()
        finally:
            self._act.cancel()
            self._act = None

    async def _step(self) -> None:
        """One stage's work, then the next stage if this one is done."""
        self._again_after = None
        self._advance()
        try:
            await {
                Stage.SYNCING: self._sync,
                Stage.TERMINATING: self._terminate,
                Stage.TERMINATED: self._tidy,
            }[self.stage]()
        except (RuntimeFailure, ApiError, SyncFailure, VolumeFailure, OSError) as error:
            self._retry(error)
            return
        except Exception as error:  # One pod's surprise must not end all others.
            log.exception("pod %s %s", self.key, self.stage.value)
            self._retry(error)
            return
        if self._advance():
            self._fresh.set()

    def _retry(self, error: Exception) -> None:
        self._memory.failures += 1
        soon = isinstance(error, SyncFailure) and error.soon
        self._again_after = 1.0 if soon else pause_after(self._memory.failures)
        log.warning("pod %s %s: %s", self.key, self.stage.value, error)
        self._report()

    def _report(self, *, over: bool = False) -> None:
        """Of a pod that is gone nobody wants to know."""
        if not self._news.gone:
            report(self._tools, self._memory, self.pod, over=over)

    def _advance(self) -> bool:
        """Moves to the next stage if the facts say so."""
        facts = Facts(
            gone=self._news.gone,
            deleted=self._news.pod.metadata.deletion_timestamp is not None,
            grace=self._news.grace,
            over=self._over,
            stopped=self._stopped,
            cleaned=self._cleaned,
        )
        before = self.stage
        self.stage, why = transition(before, facts)
        if self.stage is before:
            return False
        log_transition(self.key, before, self.stage, why)
        return True

    async def _sync(self) -> None:
        if self._past_deadline() or not await self._admit():
            return
        outcome = await sync(self._tools, self._memory, self._tools.writer.latest(self.pod))
        self._over = self._over or outcome.over
        waits = [wait for wait in (outcome.again_after, self._deadline_in()) if wait is not None]
        self._again_after = min(waits, default=None)

    async def _admit(self) -> bool:
        """Whether the node takes this pod; asked once."""
        if self._admitted:
            return True
        verdict = await self._tools.admit(self._tools.writer.latest(self.pod))
        if verdict is not None:
            self._memory.verdict, self._over = verdict, verdict.reason
            self._tools.tell(self.pod).warning(verdict.reason, verdict.message.removeprefix(REJECTED))
        self._admitted = verdict is None
        return self._admitted

    def _deadline_in(self) -> float | None:
        limit, began = self.pod.spec.active_deadline_seconds, self.pod.status.start_time
        if limit is None or began is None:
            return None
        return (began + timedelta(seconds=limit) - self._tools.clock.now()).total_seconds()

    def _past_deadline(self) -> bool:
        left = self._deadline_in()
        if left is None or left > 0:
            return False
        message = "Pod was active on the node longer than the specified deadline"
        self._memory.verdict = Verdict("DeadlineExceeded", message)
        self._over = "activeDeadlineSeconds have passed"
        self._tools.tell(self.pod).normal("DeadlineExceeded", message)
        return True

    async def _terminate(self) -> None:
        """Containers, then the sandbox; the status says how each ended."""
        tools, pod = self._tools, self._tools.writer.latest(self.pod)
        tools.prober.only_readiness(self.uid)
        status = await look(tools, self._memory)
        self._report()
        grace = self._grace(status)
        await kill.kill_containers(tools, pod, status, grace)
        status = await look(tools, self._memory)
        if any(container.running for container in status.containers):
            raise SyncFailure("a container still runs")
        tools.prober.forget(self.uid)
        self._report(over=True)
        await kill.stop_sandboxes(tools, status)
        self._stopped = True

    def _grace(self, status: RuntimePod) -> float:
        """Of a pod that nobody describes any more, its sandbox remembers the grace period."""
        if self._news.gone and not self.pod.spec.containers and status.sandboxes:
            return status.sandboxes[0].grace_period
        asked = float(self._news.grace)
        return asked if self._most_grace is None else min(asked, self._most_grace)

    async def _tidy(self) -> None:
        """Volumes and cgroups at once; the runtime's records (and so the logs) only when the pod is deleted."""
        tools = self._tools
        await tools.mounter.remove_volumes(self.uid)
        tools.images.forget(self.uid)
        tools.cgroups.remove_uid(self.uid)
        if not self._news.ending:
            return
        if not self._deleted:
            await tools.writer.flush(self.uid)
            self._deleted = await self._delete()
        await kill.remove_all(tools, await look(tools, self._memory))
        await tools.mounter.remove_folder(self.uid)
        self._remove_logs()
        self._cleaned = self._news.gone

    async def remove_dead(self) -> None:
        """The runtime's records and layers of containers that ended with the pod; logs and status stay."""
        if self.stage is Stage.TERMINATED and self._act is None:
            await kill.remove_all(self._tools, self._memory.status)

    async def _delete(self) -> bool:
        """Tells the API that nothing of the pod is left; from now on the name is free."""
        if self._news.gone:
            return True
        meta = self.pod.metadata
        try:
            await self._tools.client.delete(Pod, meta.name, meta.namespace, grace_period_seconds=0, uid=meta.uid)
        except (NotFound, Conflict):
            log.debug("pod %s is gone already", self.key)
        return True

    def _remove_logs(self) -> None:
        for folder in Path(self._tools.config.pod_log_dir).glob(f"*_{self.uid}"):
            shutil.rmtree(folder, ignore_errors=True)


def _states(status: RuntimePod) -> set[tuple[str, object]]:
    containers = {(container.id, container.state) for container in status.containers}
    return containers | {(sandbox.id, sandbox.ready) for sandbox in status.sandboxes}
