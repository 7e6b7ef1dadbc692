"""Who goes first when the node runs short, and what the user reads about it. Pure.

First those that use more than they asked for, then by priority, then by how much more they use. Of process numbers
nobody can ask for any: priority, then use. Pods that the node depends on never go.
Real Kubernetes: kubelet/eviction/helpers.go (rankMemoryPressure, evictionMessage).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from kubelet.eviction.thresholds import Observation, Threshold
from kubelet.node.requests import amount, is_critical, pod_request
from kubelet.static.manifest import is_static
from kubelet.stats.collector import ContainerSample, PodSample
from machinery.api.core.v1 import Container
from machinery.api.quantity import format_decimal


def use(sample: PodSample, threshold: Threshold, *, own_image_disk: bool) -> int:
    """How much of what is short a pod takes."""
    if threshold.resource == "memory":
        return sample.use.working_set if sample.use else 0
    if threshold.resource == "pids":
        return sample.use.processes if sample.use else 0
    index = 1 if threshold.resource == "inodes" else 0
    layers = sum((c.written.used_bytes, c.written.inodes)[index] for c in sample.containers)
    if threshold.signal.startswith("imagefs") and own_image_disk:
        return layers
    whole = sample.ephemeral_storage[index]
    return whole - layers if own_image_disk else whole


def evictable(sample: PodSample) -> bool:
    return not is_critical(sample.pod) and not is_static(sample.pod)


def rank(samples: Iterable[PodSample], threshold: Threshold, *, own_image_disk: bool = False) -> list[PodSample]:
    """Who goes first comes first."""

    def key(sample: PodSample) -> tuple[bool, int, int]:
        used = use(sample, threshold, own_image_disk=own_image_disk)
        priority = sample.pod.spec.priority or 0
        if threshold.resource == "pids":
            return False, priority, -used
        asked = 0 if threshold.resource == "inodes" else pod_request(sample.pod, threshold.resource)
        return used <= asked, priority, asked - used

    return sorted((sample for sample in samples if evictable(sample)), key=key)


def message(sample: PodSample, threshold: Threshold, seen: Observation) -> str:
    """What was short, and which containers used more of it than they asked for."""
    resource = threshold.resource
    text = f"The node was low on resource: {resource}. "
    text += f"Threshold quantity: {_written(threshold.amount.of(seen.capacity), resource)}, "
    text += f"available: {_written(seen.available, resource)}. "
    return text + "".join(_excesses(sample, resource))


def _excesses(sample: PodSample, resource: str) -> Iterator[str]:
    if resource not in ("memory", "ephemeral-storage"):
        return
    specs = {container.name: container for container in sample.pod.spec.containers}
    for found in sample.containers:
        used, asked = _container_use(found, resource), _asked(specs.get(found.run.name), resource)
        if used > asked:
            yield (
                f"Container {found.run.name} was using {_written(used, resource)}, request is "
                f"{_written(asked, resource)}, has larger consumption of {resource}. "
            )


def _container_use(found: ContainerSample, resource: str) -> int:
    if resource == "memory":
        return found.use.working_set if found.use else 0
    return found.written.used_bytes + found.logs[0]


def _asked(container: Container | None, resource: str) -> int:
    return amount(resource, container.resources.requests.get(resource, "0")) if container else 0


def _written(number: int, resource: str) -> str:
    """Bytes as Kubernetes prints them: in the largest unit that leaves no rest, at least Ki."""
    if resource in ("inodes", "pids") or not number:
        return str(number)
    return format_decimal(number - number % 1024, "binary") if number >= 1024 else str(number)
