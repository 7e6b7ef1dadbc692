"""The controller loop. It exists once, here, and it is the only place that retries.

A controller names what it watches and how a change becomes keys; the loop queues the keys and calls `reconcile(key)`
with the cause set: who acts, for which key, woken by which object at which revision. A failure is retried with a
back-off of that key alone. In real Kubernetes every controller repeats this loop (`processNextWorkItem`), as in
sample-controller.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from machinery.api.errors import ApiError, Conflict
from machinery.api.model import Object
from machinery.client import cause
from machinery.client.informer import Informer, InformerFactory
from machinery.client.workqueue import WorkQueue
from machinery.component.clock import Clock, RealClock
from machinery.component.metrics import Counter, Histogram

if TYPE_CHECKING:
    from machinery.client.events import EventRecorder
    from machinery.client.rest import Client

log = logging.getLogger(__name__)

RETRIES = Counter("workqueue_retries_total", "Keys that failed and will be tried again.", ("name",))
WORK_SECONDS = Histogram("workqueue_work_duration_seconds", "How long one reconcile takes.", ("name",))

KeysOf = Callable[[Any | None, Any | None], Iterable[str]]
"""(old, new) to the keys to look at; old is None for what is added, new for what is deleted."""
Watch = tuple[Informer[Any], KeysOf]


@dataclass(frozen=True, slots=True)
class Context:
    """What every controller is given."""

    client: Client
    informers: InformerFactory
    events: EventRecorder
    clock: Clock = field(default_factory=RealClock)


class Controller:
    """Extend it: set `name`, fill `self.watches` in `__init__`, write `reconcile`."""

    name: str
    workers = 2

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.queue: WorkQueue[str] = WorkQueue(clock=ctx.clock)
        self.watches: tuple[Watch, ...] = ()

    async def reconcile(self, key: str) -> float | None:
        """Makes the world agree with the object of this key; returns after how many seconds to look again, if at all.

        The object may be gone: that is no failure. Whatever is raised is retried later.
        """
        raise NotImplementedError


async def run_controllers(controllers: Sequence[Controller], factory: InformerFactory, stop: asyncio.Event) -> None:
    """Runs the factory and, once all copies are complete, the workers of all controllers, until stop."""
    for controller in controllers:
        subscribe(controller)
    async with asyncio.TaskGroup() as group:
        group.create_task(factory.run(stop), name="informers")
        workers = [group.create_task(_start(controller, factory, number), name=f"{controller.name} {number}")
                   for controller in controllers for number in range(controller.workers)]
        await stop.wait()
        for worker in workers:
            worker.cancel()
    for controller in controllers:
        controller.queue.close()


def subscribe(controller: Controller) -> None:
    """From now on, changes of what it watches put keys on the controller's queue."""
    for informer, keys_of in controller.watches:
        informer.on_change(enqueuer(controller.queue, keys_of))


def enqueuer(queue: WorkQueue[str], keys_of: KeysOf) -> Callable[[Any, Any], None]:
    """What an informer calls for a change: puts the keys that it concerns on the queue."""
    def enqueue(old: Any | None, new: Any | None) -> None:
        woken_by = cause.reference(old if new is None else new)
        for key in keys_of(old, new):
            queue.add(key, woken_by)

    return enqueue


async def _start(controller: Controller, factory: InformerFactory, number: int) -> None:
    await factory.synced()
    if number == 0:
        log.info("%s started", controller.name)
    await work(controller)


async def work(controller: Controller) -> None:
    """One worker: takes keys and reconciles them, for ever."""
    queue = controller.queue
    while True:
        key = await queue.get()
        with cause.acting(controller.name, key, queue.woken_by(key)):
            await _attempt(controller, key)
        queue.done(key)


async def _attempt(controller: Controller, key: str) -> None:
    """One reconcile; its outcome decides when the key is seen again."""
    queue, began = controller.queue, time.perf_counter()
    try:
        again = await controller.reconcile(key)
    except Exception as error:  # noqa: BLE001 - the one place that retries, whatever it was
        _complain(controller, key, error)
        queue.add_rate_limited(key)
        RETRIES.inc(controller.name)
    else:
        queue.forget(key)
        if again is not None:
            queue.add_after(key, again)
    WORK_SECONDS.observe(time.perf_counter() - began, controller.name)


def _complain(controller: Controller, key: str, error: Exception) -> None:
    if isinstance(error, Conflict):
        log.debug("%s %s: changed meanwhile, trying again: %s", controller.name, key, error)
    elif isinstance(error, ApiError):
        log.warning("%s %s: trying again: %s", controller.name, key, error)
    else:
        log.error("%s %s: failed, trying again", controller.name, key, exc_info=error)


def key_of(obj: Object) -> str:
    """`namespace/name`, or `name` where the kind has no namespace."""
    meta = obj.metadata
    return f"{meta.namespace}/{meta.name}" if meta.namespace else meta.name


def split_key(key: str) -> tuple[str, str]:
    """(namespace, name) of what `key_of` made."""
    namespace, _, name = key.rpartition("/")
    return namespace, name


def own_key(old: Object | None, new: Object | None) -> tuple[str]:
    """The watched object is itself what is reconciled."""
    return (key_of(old if new is None else new),)


def owner_key(kind: str) -> KeysOf:
    """The watched object belongs to a controlling owner of this kind, and that is reconciled."""

    def keys(obj: Object) -> Iterable[str]:
        namespace = obj.metadata.namespace
        owners = (ref for ref in obj.metadata.owner_references if ref.controller and ref.kind == kind)
        return [f"{namespace}/{ref.name}" if namespace else ref.name for ref in owners]

    return both(keys)


def both(keys: Callable[[Any], Iterable[str]]) -> KeysOf:
    """Asks for the keys of the object as it was and as it is: one that changes hands wakes both."""

    def keys_of(old: Any | None, new: Any | None) -> Iterable[str]:
        return dict.fromkeys(key for obj in (old, new) if obj is not None for key in keys(obj))

    return keys_of
