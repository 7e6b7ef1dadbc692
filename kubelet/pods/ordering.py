"""Whose turn it is to stop: app containers at once, then the sidecars, the last one started first.

Real Kubernetes: kuberuntime_termination_order.go.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping

from kubelet.pods.actions import restartable
from machinery.api.core.v1 import Pod


def awaited(pod: Pod, running: Iterable[str]) -> Mapping[str, tuple[str, ...]]:
    """Container -> those that must have ended before it is told to. Only sidecars wait. Pure."""
    alive = set(running)
    before = [container.name for container in pod.spec.containers if container.name in alive]
    found: dict[str, tuple[str, ...]] = {}
    for container in reversed(pod.spec.init_containers):
        if restartable(container) and container.name in alive:
            found[container.name] = tuple(before)
            before.append(container.name)
    return found


class Turns:
    """The ends of one pod's containers, and who waits for them."""

    def __init__(self, pod: Pod, running: Iterable[str]) -> None:
        names = tuple(running)
        self._awaited = awaited(pod, names)
        self._ended = {name: asyncio.Event() for name in names}

    def waits(self, name: str) -> bool:
        """Whether others end before it."""
        return bool(self._awaited.get(name))

    async def wait(self, name: str, seconds: float) -> None:
        """Returns when it is this container's turn, or its patience is over."""
        try:
            async with asyncio.timeout(seconds):
                for other in self._awaited.get(name, ()):
                    await self._ended[other].wait()
        except TimeoutError:
            return

    def ended(self, name: str) -> None:
        self._ended[name].set()
