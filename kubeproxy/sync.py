"""The loop between what the informers know and what the kernel holds.

* prompt: a change after a quiet time is applied at once.
* stingy: a burst costs one application per `min_sync` seconds.
* level-triggered: every application starts from the listers, never from the event.
* stubborn: a failure is tried again, against the kernel's real state.
Real Kubernetes: pkg/util/async BoundedFrequencyRunner around syncProxyRules.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from typing import Protocol

from kubeproxy.iptables import BackendError
from kubeproxy.ports import ServicePort
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

RETRY_SECONDS = 5.0


class Backend(Protocol):
    """Whoever holds the node's packet rules."""

    async def apply(self, ports: Sequence[ServicePort], *, full: bool = False) -> None: ...

    async def cleanup(self) -> None: ...


class Sync:
    """Applies `observe()` to the backend whenever someone pokes."""

    def __init__(
        self,
        observe: Callable[[], Sequence[ServicePort]],
        backend: Backend,
        clock: Clock,
        *,
        min_sync: float,
        full_sync: float,
    ) -> None:
        self._observe = observe
        self._backend = backend
        self._clock = clock
        self._min_sync = min_sync
        self._full_sync = full_sync
        self._poked = asyncio.Event()
        self._full_due = True
        self.healthy = False

    def poke(self) -> None:
        """Something changed; cheap, and safe to call from event handlers."""
        self._poked.set()

    async def run(self) -> None:
        self._plan_full()
        while True:
            await self._poked.wait()
            self._poked.clear()
            await self._apply()
            await self._clock.sleep(self._min_sync)

    async def _apply(self) -> None:
        full, self._full_due = self._full_due, False
        try:
            await self._backend.apply(self._observe(), full=full)
            self.healthy = True
        except (BackendError, OSError) as error:
            log.error("rules were not restored, trying again in %.0f s: %s", RETRY_SECONDS, error)
            self.healthy = False
            self._full_due = True
            self._clock.call_later(RETRY_SECONDS, self.poke)

    def _plan_full(self) -> None:
        """Once in a long while nothing is taken for granted, however quiet the cluster."""
        self._full_due = True
        self.poke()
        self._clock.call_later(self._full_sync, self._plan_full)
