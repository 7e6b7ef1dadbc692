"""All workers of this node: from pods and from the runtime's news to the worker concerned.

Watches pods with spec.nodeName = this node and the runtime's events; is told of static pods. An end is looked at
until the runtime's own record agrees, since its events come before its lists. What runs here and is in neither the
API nor the folder of static pods is ended, but only once the API was heard: without its API server a node runs on.
Real Kubernetes: kubelet.go (syncLoop, HandlePodCleanups), pleg.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator
from typing import Protocol

from kubelet import folders
from kubelet.pods.state import Stage
from kubelet.pods.status import Verdict
from kubelet.pods.tools import Tools
from kubelet.pods.worker import News, PodWorker
from kubelet.runtime.interface import RuntimeContainer, RuntimeFailure, RuntimePod
from kubelet.static.manifest import from_api, is_mirror, is_static, shown_by
from machinery.api.core.v1 import Pod
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Object
from machinery.client.cause import reference
from machinery.client.informer import Handler

log = logging.getLogger(__name__)

RELIST_SECONDS = 30.0
SETTLE_SECONDS = (0.0, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0)


class PodSource(Protocol):
    """Tells of the pods of one node: an Informer of them, or a share of one that holds more."""

    async def synced(self) -> None: ...

    def on_change(self, handler: Handler[Pod]) -> None: ...


class PodWorkers:
    """UID -> worker."""

    def __init__(self, tools: Tools, pods: PodSource) -> None:
        self._tools = tools
        self._pods = pods
        self._workers: dict[str, PodWorker] = {}
        self._static: dict[str, Pod] = {}
        self.heard_all = asyncio.Event()
        """Set once every pod of this node is known: from now on, what is not known is not needed."""
        self._group: asyncio.TaskGroup | None = None
        self.on_mirror: Callable[[Pod | None, Pod | None], None] = lambda old, new: None
        """Told of every change of a mirror pod, and with (None, None) when a static pod has ended."""

    def pods(self) -> Iterator[Pod]:
        """The pods that this node cares for, as it last told the API."""
        return (self._tools.writer.latest(worker.pod) for worker in self._workers.values())

    def containers(self) -> Iterator[RuntimeContainer]:
        """Every container of theirs, as it was at the last look."""
        return (container for worker in self._workers.values() for container in worker.seen.containers)

    def active_pods(self) -> list[Pod]:
        """Those that take part of the node's room; of an end that the API shows the scheduler has made use already."""
        latest = (self._tools.writer.latest(worker.pod) for worker in self._workers.values() if worker.active)
        return [pod for pod in latest if pod.status.phase not in ("Succeeded", "Failed")]

    def end(self, uid: str, verdict: Verdict, grace: float | None = None) -> None:
        """The node ends this pod."""
        if uid in self._workers:
            self._workers[uid].end(verdict, grace)

    def ended(self, uid: str) -> bool:
        """Whether nothing of the pod runs any more."""
        return uid not in self._workers or self._workers[uid].stage in (Stage.TERMINATED, Stage.FINISHED)

    async def told(self, seconds: float) -> None:
        """Returns once the API knows all we had to say, or after so long."""
        flushes = [asyncio.create_task(self._tools.writer.flush(uid)) for uid in self._workers]
        if flushes:
            _, late = await asyncio.wait(flushes, timeout=seconds)
            for each in late:
                each.cancel()

    async def remove_dead(self) -> None:
        """Containers of pods that have ended."""
        for worker in list(self._workers.values()):
            await worker.remove_dead()

    def static_pods(self) -> list[Pod]:
        """Those from files that are here, the ending ones included: their mirrors stay until they have ended."""
        return [worker.pod for worker in self._workers.values() if is_static(worker.pod)]

    async def run(self, known: Awaitable[object]) -> None:
        """Until cancelled. Static pods start at once; those of the API when `known` (what they need) is there."""
        async with asyncio.TaskGroup() as self._group:
            self._group.create_task(self._follow_runtime(), name="runtime events")
            self._sync_static()
            await asyncio.gather(known, self._pods.synced())
            self._pods.on_change(self._pod_changed)
            self.heard_all.set()
            await self._relist()
            self._group.create_task(self._relist_slowly(), name="slow relist")

    def set_static(self, pods: Iterable[Pod]) -> None:
        """From now on exactly these static pods shall run."""
        self._static = {pod.metadata.uid: pod for pod in pods}
        if self._group is not None:
            self._sync_static()

    def _sync_static(self) -> None:
        """A static pod whose file has changed starts when the one before it, of the same name, has ended."""
        for uid, worker in self._workers.items():
            if is_static(worker.pod) and uid not in self._static:
                worker.tell(News(worker.pod, gone=True))
        taken = {worker.key for worker in self._workers.values()}
        for uid, pod in self._static.items():
            if uid in self._workers:
                if self._workers[uid].pod != pod:
                    self._workers[uid].tell(News(pod))
            elif f"{pod.metadata.namespace}/{pod.metadata.name}" not in taken:
                self._start(News(pod))
        self.on_mirror(None, None)

    def _pod_changed(self, old: Pod | None, new: Pod | None) -> None:
        latest = new or old
        assert latest is not None
        if is_mirror(latest):
            self._mirror_changed(old, new)
            return
        pod = from_api(latest)
        uid = pod.metadata.uid
        if new is not None:
            self._tools.writer.observe(new)
        news = News(pod, gone=new is None, woken_by=(reference(pod),))
        if uid in self._workers:
            self._workers[uid].tell(news)
        elif new is not None:
            self._start(news)

    def _mirror_changed(self, old: Pod | None, new: Pod | None) -> None:
        """A static pod lives by its file: of its mirror only the status matters."""
        if old is not None and new is None:
            self._tools.writer.observe_mirror(shown_by(old), None)
        elif new is not None and new.metadata.deletion_timestamp is None:
            self._tools.writer.observe_mirror(shown_by(new), new)
            self.poke(shown_by(new), reference(new))
        self.on_mirror(old, new)

    def _start(self, news: News) -> None:
        assert self._group is not None
        self._tools.writer.observe(news.pod)
        worker = PodWorker(self._tools, news)
        self._workers[worker.uid] = worker
        self._group.create_task(self._work(worker), name=f"worker {worker.key}")

    async def _work(self, worker: PodWorker) -> None:
        await worker.run()
        del self._workers[worker.uid]
        self._tools.writer.forget(worker.uid)
        self._tools.prober.forget(worker.uid)
        if is_static(worker.pod):
            self._sync_static()

    def poke(self, uid: str, *woken_by: str) -> None:
        if uid in self._workers:
            self._workers[uid].poke(*woken_by)

    def try_again(self) -> None:
        """The node can do more than before: what failed may work now, and need not wait for its time."""
        for worker in self._workers.values():
            if worker.failing:
                worker.poke("Node/ready@now")

    def object_changed(self, uid: str, obj: Object) -> None:
        """A ConfigMap or Secret that the pod uses is different now."""
        self.poke(uid, reference(obj))

    async def _follow_runtime(self) -> None:
        async for container_id in self._tools.runtime.events():
            uid = self._tools.pod_of.get(container_id)
            if uid is not None:
                assert self._group is not None
                self._group.create_task(self._settle(uid, container_id), name=f"exit {container_id[:12]}")
            else:
                await self._relist()

    async def _settle(self, uid: str, container_id: str) -> None:
        """Wakes the pod's worker once the runtime's list shows the end that its event announced."""
        for pause in SETTLE_SECONDS:
            await asyncio.sleep(pause)
            try:
                status = (await self._tools.runtime.pods(uid)).get(uid)
            except RuntimeFailure:
                return
            if status is None or not _runs(status, container_id):
                break
        self.poke(uid, f"Container/{container_id[:12]}@ended")

    async def _relist_slowly(self) -> None:
        while True:
            await self._tools.clock.sleep(RELIST_SECONDS)
            await self._relist()

    async def _relist(self) -> None:
        """Everything: wakes every worker whose pod differs from what it remembers, and ends orphans."""
        try:
            everything = await self._tools.runtime.pods()
        except RuntimeFailure as error:
            log.warning("runtime: %s", error)
            return
        if self.heard_all.is_set():
            self._end_orphans(everything)
        for uid, worker in list(self._workers.items()):
            if worker.stage is not Stage.FINISHED and worker.outdated(everything.get(uid, RuntimePod(uid))):
                worker.poke("Runtime/relist@now")

    def _end_orphans(self, everything: dict[str, RuntimePod]) -> None:
        """What the runtime or our folders hold and the API does not: nobody else will end it."""
        tools = self._tools
        leftovers = tools.mounter.leftovers() | tools.cgroups.leftovers()
        leftovers |= folders.logged_uids(tools.config.pod_log_dir)
        everything = {uid: RuntimePod(uid) for uid in leftovers} | everything
        for uid, status in everything.items():
            if uid not in self._workers:
                log.info("pod %s/%s (%s) is here but not in the API", status.namespace, status.name, uid)
                meta = ObjectMeta(name=status.name, namespace=status.namespace, uid=uid)
                self._start(News(Pod(metadata=meta), gone=True, woken_by=("Runtime/orphan@now",)))


def _runs(status: RuntimePod, container_id: str) -> bool:
    """Whether the runtime still shows this container as running, or this sandbox as ready."""
    if any(container.id == container_id and container.running for container in status.containers):
        return True
    return any(sandbox.id == container_id and sandbox.ready for sandbox in status.sandboxes)
