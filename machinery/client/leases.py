"""Leases: a node's heartbeat, and who of several equals leads.

LeaseRenewer writes one Lease every ten seconds; the node lifecycle controller watches those. LeaderElector writes a
Lease that only its holder may renew, and takes over one that nobody renewed for its duration, by this process's own
clock. In real Kubernetes: component-helpers/apimachinery/lease and client-go/tools/leaderelection.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Awaitable, Callable
from datetime import datetime

from machinery.api.coordination.v1 import Lease, LeaseSpec
from machinery.api.errors import AlreadyExists, ApiError, Conflict, NotFound
from machinery.api.meta.v1 import ObjectMeta, OwnerReference
from machinery.client.rest import Client
from machinery.component.clock import Clock, RealClock
from machinery.component.run import stoppable

log = logging.getLogger(__name__)

NODE_NAMESPACE = "kube-node-lease"
RELEASE_SECONDS = 2.0


class LeaseRenewer:
    """Keeps the Lease of one node fresh: as long as it does, the node counts as alive."""

    def __init__(self, client: Client, name: str, *, namespace: str = NODE_NAMESPACE, duration: int = 40,
                 interval: float = 10.0, clock: Clock | None = None,
                 owner: Callable[[], OwnerReference | None] = lambda: None) -> None:
        self._client, self._clock = client, clock or RealClock()
        self._name, self._namespace = name, namespace
        self._duration, self._interval, self._owner = duration, interval, owner
        self._lease: Lease | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Renews until stop, a little irregularly so that a thousand nodes do not beat at once."""
        await stoppable(stop, self._beat())

    async def _beat(self) -> None:
        while True:
            try:
                await self.renew()
                wait = self._interval * random.uniform(0.96, 1.04)
            except ApiError as error:
                log.warning("lease %s not renewed: %s", self._name, error)
                wait = 1.0
            await self._clock.sleep(wait)

    async def renew(self) -> None:
        """One heartbeat: usually one PUT."""
        if self._lease is None:
            self._lease = await self._read_or_create()
        try:
            self._lease = await self._client.update(self._lease.replace(spec=self._spec()))
        except (Conflict, NotFound):
            self._lease = None
            raise

    async def _read_or_create(self) -> Lease:
        try:
            return await self._client.get(Lease, self._name, self._namespace)
        except NotFound:
            owner = self._owner()
            meta = ObjectMeta(name=self._name, namespace=self._namespace, owner_references=(owner,) if owner else ())
            return await self._client.create(Lease(metadata=meta, spec=self._spec()))

    def _spec(self) -> LeaseSpec:
        return LeaseSpec(holder_identity=self._name, lease_duration_seconds=self._duration,
                         renew_time=self._clock.now())


class LeadershipLost(Exception):
    """Someone else may lead by now: stop acting at once."""


class LeaderElector:
    """One candidate for a named lease.

    An identity that outlives its process (a host's name) leads again at once after a crash; one that does not has to
    wait until its own old lease runs out.
    """

    def __init__(self, client: Client, name: str, identity: str, *, namespace: str = "kube-system",
                 duration: float = 15.0, deadline: float = 10.0, retry: float = 2.0,
                 clock: Clock | None = None) -> None:
        self._client, self._clock = client, clock or RealClock()
        self._name, self._namespace, self._identity = name, namespace, identity
        self._duration, self._deadline, self._retry = duration, deadline, retry
        self._seen: Lease | None = None
        self._seen_at = 0.0
        """When this process first saw the lease as it is in _seen. Clocks of other machines are not trusted."""
        self._claimed: datetime | None = None
        """The renew time that this process wrote last, whether or not it was told that it did."""

    @property
    def leading(self) -> bool:
        return self._seen is not None and self._seen.spec.holder_identity == self._identity

    async def run(self, lead: Callable[[], Awaitable[None]], stop: asyncio.Event) -> None:
        """Waits until it leads, then runs lead() to its end or to stop.

        Raises LeadershipLost (in an ExceptionGroup) when the lease cannot be renewed in time; lead() is cancelled.
        """
        try:
            await stoppable(stop, self._campaign(lead))
        finally:
            await self._release()

    async def _campaign(self, lead: Callable[[], Awaitable[None]]) -> None:
        while not await self._try():
            await self._clock.sleep(self._retry * random.uniform(1.0, 1.2))
        log.info("%s leads %s", self._identity, self._name)
        async with asyncio.TaskGroup() as group:
            renewing = group.create_task(self._keep_renewing(), name=f"leadership of {self._name}")
            await lead()
            renewing.cancel()

    async def _keep_renewing(self) -> None:
        while True:
            await self._clock.sleep(self._retry)
            try:
                async with asyncio.timeout(self._deadline):
                    while not await self._try():
                        await self._clock.sleep(self._retry)
            except TimeoutError as error:
                raise LeadershipLost(f"{self._identity} could not renew {self._name}") from error

    async def _try(self) -> bool:
        """Acquires or renews; False when another one holds the lease, or the server is away."""
        try:
            if not self.leading:
                self._see(await self._read_or_create())
            if self.leading or self._is_free():
                claim = self._claim(self._seen.spec)
                self._claimed = claim.renew_time
                self._see(await self._client.update(self._seen.replace(spec=claim)))
        except (AlreadyExists, Conflict, NotFound):
            self._seen = None
        except ApiError as error:
            log.warning("lease %s: %s", self._name, error)
            return False
        return self.leading

    async def _read_or_create(self) -> Lease:
        try:
            return await self._client.get(Lease, self._name, self._namespace)
        except NotFound:
            meta = ObjectMeta(name=self._name, namespace=self._namespace)
            return await self._client.create(Lease(metadata=meta, spec=self._claim(LeaseSpec())))

    def _see(self, lease: Lease) -> None:
        if self._seen is None or self._seen.spec != lease.spec:
            self._seen_at = self._clock.monotonic()
        self._seen = lease

    def _is_free(self) -> bool:
        """Released, or not renewed for its whole duration while we watched."""
        spec = self._seen.spec
        duration = spec.lease_duration_seconds or self._duration
        return not spec.holder_identity or self._clock.monotonic() - self._seen_at > duration

    def _claim(self, spec: LeaseSpec) -> LeaseSpec:
        now = self._clock.now()
        renewed = spec.replace(renew_time=now, lease_duration_seconds=max(int(self._duration), 1))
        if spec.holder_identity == self._identity:
            return renewed
        transitions = (spec.lease_transitions or 0) + (1 if spec.holder_identity is not None else 0)
        return renewed.replace(holder_identity=self._identity, acquire_time=now, lease_transitions=transitions)

    async def _release(self) -> None:
        """Lets the next one lead at once, instead of after the lease's duration."""
        if not self.leading:
            return
        try:
            async with asyncio.timeout(RELEASE_SECONDS):
                await self._give_up(self._seen)
        except (ApiError, TimeoutError) as error:
            log.info("lease %s not released: %s", self._name, error)

    async def _give_up(self, lease: Lease) -> None:
        try:
            await self._client.update(lease.replace(spec=lease.spec.replace(holder_identity="")))
        except Conflict:
            # A renewal that was on its way when we were stopped came to its end all the same.
            found = await self._client.get(Lease, self._name, self._namespace)
            if found.spec.renew_time != self._claimed:
                raise
            await self._client.update(found.replace(spec=found.spec.replace(holder_identity="")))
