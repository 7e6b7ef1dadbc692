"""The scheduler's loop: take a pod from the queue, decide on a snapshot, assume, bind.

Watches Pods and Nodes; writes Bindings, the PodScheduled condition, nominations, Events, and deletes victims.
Deciding is pure (algorithm.py, preemption.py) and one at a time; binding is a request, and many are under way at once.
In Kubernetes: pkg/scheduler/{scheduler,schedule_one,eventhandlers}.go. Left out: profiles, plugins, extenders.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Coroutine, Iterable
from typing import Any, Protocol

from machinery.api.core.v1 import Node, Pod
from machinery.api.errors import ApiError, NotFound
from machinery.client import cause
from machinery.client.controller import key_of, split_key
from machinery.client.informer import InformerFactory
from machinery.component.clock import Clock, RealClock
from scheduler.algorithm import FitError, Placement, schedule, with_preemption
from scheduler.cache import Cache, occupies
from scheduler.filters import Change
from scheduler.opinions import Opinions
from scheduler.preemption import Nomination, preempt
from scheduler.queue import SchedulingQueue

log = logging.getLogger(__name__)

NAME = "default-scheduler"


class Writer(Protocol):
    """What the scheduler asks of the API."""

    async def bind(self, pod: Any, node_name: str) -> None: ...

    async def patch(self, kind: Any, name: str, namespace: str, body: Any, *, patch_type: str,
                    subresource: str) -> Any: ...

    async def delete(self, kind: Any, name: str, namespace: str, *, uid: str) -> None: ...


class Recorder(Protocol):
    """What it asks of the events' recorder."""

    def record(self, obj: Any, type_: str, reason: str, message: str) -> None: ...


class Scheduler:
    """`run` never returns; `stop` it by cancelling."""

    def __init__(self, client: Writer, informers: InformerFactory, events: Recorder, *,
                 clock: Clock | None = None, name: str = NAME) -> None:
        self._client, self._events, self._clock = client, events, clock or RealClock()
        self._name = name
        self._factory = informers
        self._pods, self._nodes = informers.informer(Pod), informers.informer(Node)
        self.cache, self.queue = Cache(), SchedulingQueue()
        self._woken = asyncio.Event()
        self._turn = 0
        self._opinions = Opinions()
        self._nodes.on_change(self.on_node)
        self._pods.on_change(self.on_pod)

    async def run(self) -> None:
        """One pod after the other, for ever."""
        await self._factory.synced()
        log.info("%s started: %d nodes, %d pods", self._name, len(self._nodes.lister), len(self._pods.lister))
        async with asyncio.TaskGroup() as writes:
            while True:
                key = await self._next()
                if effect := self.schedule_one(key):
                    writes.create_task(effect, name=f"scheduler {key}")
                # Lets the request leave and the watch be read before the next decision takes the processor.
                await asyncio.sleep(0)

    def schedule_one(self, key: str) -> Coroutine[Any, Any, None] | None:
        """Decide for one pod; returns what is to be done about it, as a coroutine."""
        pod = self._pods.lister.get(*split_key(key))
        if pod is None or not self.is_mine(pod) or self.cache.is_assumed(key, pod.metadata.uid):
            self.queue.remove(key)
            return None
        snapshot = self.cache.snapshot(self._clock.monotonic(), pod=pod)
        result = schedule(pod, snapshot, turn=self._turn, opinions=self._opinions)
        self._turn += 1
        match result:
            case Placement(node=node):
                log.debug("pod %s: %s", key, dict(result.scores))
                self.cache.assume(pod, node)
                return self._acting(key, pod, self._bind(key, pod, node))
            case FitError():
                outcome = preempt(pod, snapshot, result) if result.total else ""
                self.queue.refused(key, result.filters, self._clock.monotonic())
                return self._acting(key, pod, self._refuse(pod, result, outcome))

    def is_mine(self, pod: Pod) -> bool:
        """A pod that waits for this scheduler: no node, not leaving, no gates."""
        spec = pod.spec
        named = (spec.scheduler_name or NAME) == self._name
        return named and not (spec.node_name or spec.scheduling_gates or pod.metadata.deletion_timestamp)

    # What the watch says.

    def on_pod(self, old: Pod | None, new: Pod | None) -> None:
        """Keep the cache and the queue in step with one pod's change."""
        key = key_of(old if new is None else new)
        if old and (new is None or (occupies(old) and not occupies(new))):
            self._pod_gone(old, key)
        if new is None:
            return
        if occupies(new):
            self.queue.remove(key)
            self.cache.set_pod(new)
            if not occupies(old) or old.metadata.labels != new.metadata.labels:
                self._changed({Change.POD_PLACED}, new)
        elif not self.is_mine(new):
            self.queue.remove(key)
        elif (old is None or _asks_differently(old, new)) and not self.cache.is_assumed(key, new.metadata.uid):
            self.queue.add(key, new.spec.priority or 0)
            self._woken.set()

    def on_node(self, old: Node | None, new: Node | None) -> None:
        """Keep the cache in step with one node's change, and wake whom it may help."""
        if new is None:
            self.cache.remove_node(old.metadata.name)
            return
        self.cache.set_node(new)
        self._changed(node_changes(old, new), new)

    def _pod_gone(self, pod: Pod, key: str) -> None:
        self.queue.remove(key)
        self.cache.remove_pod(key)
        if occupies(pod):
            self._changed({Change.POD_GONE}, pod)

    def _changed(self, changes: set[Change], by: Pod | Node) -> None:
        waker = cause.reference(by)
        if changes and self.queue.cluster_changed(changes, self._clock.monotonic(), woken_by=waker):
            self._woken.set()

    async def _next(self) -> str:
        """The next key; waits for a change, or for the end of a back-off, whichever is first."""
        while True:
            now = self._clock.monotonic()
            if key := self.queue.pop(now):
                return key
            self._woken.clear()
            due = self.queue.next_due()
            timer = None if due is None else self._clock.call_later(max(due - now, 0), self._woken.set)
            await self._woken.wait()
            if timer:
                timer.cancel()

    # What is asked of the API.

    async def _acting(self, key: str, pod: Pod, effect: Any) -> None:
        with cause.acting("scheduler", key, (cause.reference(pod), *self.queue.woken_by(key))):
            await effect

    async def _bind(self, key: str, pod: Pod, node: str) -> None:
        try:
            await self._client.bind(pod, node)
        except ApiError as error:
            log.warning("pod %s: binding to %s failed: %s", key, node, error)
            self._take_back(key, pod, gone=isinstance(error, NotFound))
            return
        log.info("pod %s assigned to %s", key, node)
        self.cache.bound(key, self._clock.monotonic())
        self.queue.remove(key)
        self._events.record(pod, "Normal", "Scheduled", f"Successfully assigned {key} to {node}")

    def _take_back(self, key: str, pod: Pod, *, gone: bool) -> None:
        self.cache.forget(key)
        if gone:
            self.queue.remove(key)
        else:
            self.queue.failed(key, self._clock.monotonic())
        self._changed({Change.POD_GONE}, pod)
        self._woken.set()

    async def _refuse(self, pod: Pod, error: FitError, outcome: Nomination | str) -> None:
        """Tell the user why, and make room if that is possible."""
        message = with_preemption(error, "" if isinstance(outcome, Nomination) else outcome).message
        log.info("pod %s: %s", key_of(pod), message)
        self._events.record(pod, "Warning", "FailedScheduling", message)
        try:
            if isinstance(outcome, Nomination):
                await self._make_room(pod, outcome)
            await self._patch_status(pod, unschedulable(pod, message, self._clock))
        except NotFound:
            return
        except ApiError as failure:
            log.warning("pod %s: %s", key_of(pod), failure)

    async def _make_room(self, pod: Pod, nomination: Nomination) -> None:
        self.cache.nominate(pod, nomination.node)
        await self._patch_status(pod, {"nominatedNodeName": nomination.node})
        for victim in nomination.victims:
            log.info("pod %s gives way to %s on %s", key_of(victim), key_of(pod), nomination.node)
            await self._patch_status(victim, disruption_target(self._name, self._clock))
            await self._delete(victim)
            text = f"Preempted by pod {pod.metadata.uid} on node {nomination.node}"
            self._events.record(victim, "Normal", "Preempted", text)

    async def _delete(self, pod: Pod) -> None:
        try:
            await self._client.delete(Pod, pod.metadata.name, pod.metadata.namespace, uid=pod.metadata.uid)
        except NotFound:
            return

    async def _patch_status(self, pod: Pod, status: dict[str, Any]) -> None:
        if not status:
            return
        meta = pod.metadata
        body = {"metadata": {"uid": meta.uid}, "status": status}
        await self._client.patch(Pod, meta.name, meta.namespace, body, patch_type="strategic", subresource="status")


def node_changes(old: Node | None, new: Node) -> set[Change]:
    """What of a node's change can let pods in. A heartbeat cannot."""
    if old is None:
        return {Change.NODE_ADDED}
    differences: Iterable[tuple[Change, Any, Any]] = (
        (Change.ALLOCATABLE, old.status.allocatable, new.status.allocatable),
        (Change.LABELS, old.metadata.labels, new.metadata.labels),
        (Change.TAINTS, (old.spec.taints, old.spec.unschedulable), (new.spec.taints, new.spec.unschedulable)),
    )
    return {change for change, before, after in differences if before != after}


def unschedulable(pod: Pod, message: str, clock: Clock) -> dict[str, Any]:
    """The status patch for a pod that fits nowhere; {} where it already says so."""
    old = next((c for c in pod.status.conditions if c.type == "PodScheduled"), None)
    if old and (old.status, old.reason, old.message) == ("False", "Unschedulable", message):
        return {}
    since = old.last_transition_time if old and old.status == "False" else None
    return {"conditions": [{
        "type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message,
        "lastProbeTime": None, "lastTransitionTime": _wire_time(since or clock.now()),
    }]}


def disruption_target(scheduler: str, clock: Clock) -> dict[str, Any]:
    """The status patch that tells a victim's readers why it goes."""
    return {"conditions": [{
        "type": "DisruptionTarget", "status": "True", "reason": "PreemptionByScheduler",
        "message": f"{scheduler}: preempting to accommodate a higher priority pod",
        "lastProbeTime": None, "lastTransitionTime": _wire_time(clock.now()),
    }]}


def _wire_time(moment: Any) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def _asks_differently(old: Pod, new: Pod) -> bool:
    """Whether a change (other than of its status) may change where a waiting pod fits."""
    return (old.metadata.uid, old.spec, old.metadata.labels) != (new.metadata.uid, new.spec, new.metadata.labels)
