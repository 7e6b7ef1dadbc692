"""Tells people what happens to an object: the Events that `kubectl describe` shows.

`record` only notes; one task sends, and lives only while there is something to send. An event that repeats is one
object whose count grows. A source that floods is cut to one event in five minutes per object, after a burst of 25.
In real Kubernetes: client-go/tools/record. Left out: merging of events that differ only in their message.
"""

from __future__ import annotations

import asyncio
import logging
from collections import OrderedDict, deque
from collections.abc import Hashable
from dataclasses import dataclass
from typing import TypeVar

from machinery.api.core.v1 import Event, EventSource, ObjectReference
from machinery.api.errors import ApiError, NotFound, ServiceUnavailable
from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Object
from machinery.client import cause
from machinery.client.rest import Client
from machinery.component.clock import Clock, RealClock

log = logging.getLogger(__name__)

BURST, REFILL_SECONDS = 25, 300.0
REMEMBERED = 4096
"""How many sent events (and flooding objects) are kept in mind, to count their repeats."""
BACKLOG = 1000
"""How many events may wait for an API server that is away; the oldest go first."""
TRIES, RETRY_SECONDS = 12, 5.0


V = TypeVar("V")


@dataclass(slots=True)
class Bucket:
    """Tokens that come back with time; each event costs one."""

    tokens: float
    filled_at: float


class Memory(OrderedDict[Hashable, V]):
    """A dict that forgets what was set longest ago."""

    def remember(self, key: Hashable, value: V) -> None:
        self[key] = value
        self.move_to_end(key)
        if len(self) > REMEMBERED:
            self.popitem(last=False)


class EventRecorder:
    """Records events in the name of one component on one host."""

    def __init__(self, client: Client, component: str, host: str = "", *, clock: Clock | None = None) -> None:
        self._client, self._clock = client, clock or RealClock()
        self._component, self._host = component, host
        self._waiting: deque[tuple[Event, cause.Cause | None]] = deque(maxlen=BACKLOG)
        self._sent: Memory[Event] = Memory()
        """What was said to the object on the server that says it."""
        self._buckets: Memory[Bucket] = Memory()
        self._sender: asyncio.Task[None] | None = None
        self._stamp = 0
        """The nanosecond that ended the last event's name: names never repeat."""

    def record(self, obj: Object | ObjectReference, type_: str, reason: str, message: str, *,
               field_path: str = "") -> None:
        """Notes that something happened to obj; type_ is "Normal" or "Warning", reason one UpperCamelCase word."""
        about = reference_to(obj, field_path)
        log.debug("event %s %s/%s: %s: %s", type_, about.kind.lower(), about.name, reason, message)
        if not self._allowed(about):
            return
        self._waiting.append((self._event(about, type_, reason, message), cause.current()))
        if self._sender is None or self._sender.done():
            self._sender = asyncio.get_running_loop().create_task(self._send_all(), name="event sender")

    async def flush(self) -> None:
        """Returns once everything recorded so far is sent or given up."""
        if self._sender:
            await self._sender

    async def close(self) -> None:
        """Gives what still waits one second to be sent."""
        if self._sender:
            await asyncio.wait([self._sender], timeout=1)
            self._sender.cancel()

    def _event(self, about: ObjectReference, type_: str, reason: str, message: str) -> Event:
        return Event(
            metadata=ObjectMeta(namespace=about.namespace or "default"),
            involved_object=about, type=type_, reason=reason, message=message[:1024],
            source=EventSource(component=self._component, host=self._host),
            reporting_component=self._component, reporting_instance=self._host,
            last_timestamp=self._clock.now().replace(microsecond=0),
        )

    def _allowed(self, about: ObjectReference) -> bool:
        """Takes a token of the object's bucket, if one is left."""
        now = self._clock.monotonic()
        bucket = self._buckets.get(about.uid or about) or Bucket(BURST, now)
        self._buckets.remember(about.uid or about, bucket)
        bucket.tokens = min(BURST, bucket.tokens + (now - bucket.filled_at) / REFILL_SECONDS)
        bucket.filled_at = now
        if bucket.tokens < 1:
            return False
        bucket.tokens -= 1
        return True

    async def _send_all(self) -> None:
        while self._waiting:
            event, why = self._waiting.popleft()
            with cause.acting_for(why):
                await self._send_patiently(event)

    async def _send_patiently(self, event: Event) -> None:
        """Tries again while the server is away; what the server refuses is lost, as events may be."""
        for _ in range(TRIES):
            try:
                return await self._send(event)
            except ServiceUnavailable:
                await self._clock.sleep(RETRY_SECONDS)
            except ApiError as error:
                log.info("event dropped: %s", error)
                return None
        return None

    async def _send(self, event: Event) -> None:
        """Counts up the object on the server that says the same already, or creates it."""
        said = saying(event)
        try:
            sent = await self._count_up(self._sent[said], event)
        except (KeyError, NotFound):
            # Never said, or the one that said it has outlived its hour.
            sent = await self._create(event)
        self._sent.remember(said, sent)

    async def _create(self, event: Event) -> Event:
        self._stamp = max(self._stamp + 1, int(self._clock.now().timestamp() * 1e9))
        meta = event.metadata.replace(name=f"{event.involved_object.name}.{self._stamp:x}")
        return await self._client.create(event.replace(metadata=meta, first_timestamp=event.last_timestamp, count=1))

    async def _count_up(self, known: Event, event: Event) -> Event:
        stamp = event.last_timestamp.strftime("%Y-%m-%dT%H:%M:%SZ")
        body = {"count": known.count + 1, "lastTimestamp": stamp}
        return await self._client.patch(Event, known.metadata.name, known.metadata.namespace, body)


def saying(event: Event) -> Hashable:
    """What makes two events the same: all but their times, and the revision of what they are about."""
    return event.involved_object.replace(resource_version=""), event.type, event.reason, event.message


def reference_to(obj: Object | ObjectReference, field_path: str = "") -> ObjectReference:
    """The object as an event's involvedObject; field_path names a part, as `spec.containers{web}`."""
    if isinstance(obj, ObjectReference):
        return obj.replace(field_path=field_path) if field_path else obj
    meta = obj.metadata
    return ObjectReference(api_version=obj.api_version, kind=obj.kind, namespace=meta.namespace, name=meta.name,
                           uid=meta.uid, resource_version=meta.resource_version, field_path=field_path)
