"""How much of the node a pod asks for. Pure.

Real Kubernetes: component-helpers/resource (PodRequests).
"""

from __future__ import annotations

from collections.abc import Mapping

from machinery.api.core.v1 import Container, Pod
from machinery.api.quantity import milli_value, value

SYSTEM_CRITICAL = 2_000_000_000


def amount(name: str, quantity: str) -> int:
    """Thousandths of processors, else whole units: as Kubernetes counts and prints them."""
    return milli_value(quantity) if name == "cpu" else value(quantity)


def _asked(container: Container, name: str) -> int:
    return amount(name, container.resources.requests.get(name, "0"))


def pod_request(pod: Pod, name: str) -> int:
    """Containers add up; init containers run before them, one by one, beside the sidecars started so far."""
    sidecars = peak = 0
    for container in pod.spec.init_containers:
        if container.restart_policy == "Always":
            sidecars += _asked(container, name)
            peak = max(peak, sidecars)
        else:
            peak = max(peak, sidecars + _asked(container, name))
    running = sidecars + sum(_asked(container, name) for container in pod.spec.containers)
    return max(peak, running) + amount(name, pod.spec.overhead.get(name, "0"))


def requested(pod: Pod) -> set[str]:
    """Everything that some container asks for."""
    every = (*pod.spec.init_containers, *pod.spec.containers)
    return {name for container in every for name in container.resources.requests} | set(pod.spec.overhead)


def limit(found: Mapping[str, str], name: str) -> int | None:
    return amount(name, found[name]) if name in found else None


def is_critical(pod: Pod) -> bool:
    """The node itself depends on it."""
    return (pod.spec.priority or 0) >= SYSTEM_CRITICAL
