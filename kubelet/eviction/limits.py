"""Pods that take more of the node's disk than they may, whatever room there is. Pure.

An emptyDir with a sizeLimit, a pod whose containers have limits of ephemeral-storage, and each such container: whoever
goes beyond is evicted. Real Kubernetes: eviction_manager.go (localStorageEviction).
"""

from __future__ import annotations

from collections.abc import Iterator

from kubelet.stats.collector import PodSample
from machinery.api.core.v1 import Pod
from machinery.api.quantity import value

STORAGE = "ephemeral-storage"


def _limits(pod: Pod) -> dict[str, str]:
    found = ((c.name, c.resources.limits.get(STORAGE, "0")) for c in pod.spec.containers)
    return {name: text for name, text in found if value(text)}


def limited(pod: Pod) -> bool:
    """Whether there is anything to measure."""
    return bool(_limits(pod)) or any(v.empty_dir and v.empty_dir.size_limit for v in pod.spec.volumes)


def excess(sample: PodSample) -> str:
    """What the pod has too much of, in the words of its status; "" when all is well."""
    return next(_excesses(sample), "")


def _excesses(sample: PodSample) -> Iterator[str]:
    for volume in sample.pod.spec.volumes:
        most = volume.empty_dir.size_limit if volume.empty_dir else None
        if most and 0 < value(most) < sample.volumes.get(volume.name, (0, 0))[0]:
            yield f'Usage of EmptyDir volume "{volume.name}" exceeds the limit "{most}". '
    limits = _limits(sample.pod)
    if limits and len(limits) == len(sample.pod.spec.containers):
        total = sum(value(text) for text in limits.values())
        if sample.ephemeral_storage[0] > total:
            shown = next(iter(limits.values())) if len(limits) == 1 else str(total)
            yield f"Pod ephemeral local storage usage exceeds the total limit of containers {shown}. "
    for found in sample.containers:
        most = limits.get(found.run.name)
        if most and found.written.used_bytes + found.logs[0] > value(most):
            yield f'Container {found.run.name} exceeded its local ephemeral storage limit "{most}". '
