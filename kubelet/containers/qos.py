"""A pod's quality of service, and what the kernel makes of it. Pure.

Guaranteed: every container has limits for cpu and memory, and requests equal to them. BestEffort: nobody asks
for anything. Burstable: the rest. It decides the cgroup's parent and who dies first when memory is short.
Real Kubernetes: apis/core/v1/helper/qos, kubelet/qos/policy.go, cm/helpers_linux.go.
"""

from __future__ import annotations

from collections.abc import Mapping

from machinery.api.core.v1 import Container, Pod
from machinery.api.quantity import milli_value, value
from machinery.api.quota import amounts_of

MIN_SHARES, MIN_QUOTA, PERIOD = 2, 1000, 100_000
COMPUTE = ("cpu", "memory")


def _asks(container: Container) -> tuple[dict[str, int], dict[str, int]]:
    """(requests, limits) of cpu and memory that are not zero; a limit alone requests as much."""
    limits = {k: milli_value(v) for k, v in container.resources.limits.items() if k in COMPUTE and milli_value(v)}
    requests = {k: milli_value(v) for k, v in container.resources.requests.items() if k in COMPUTE and milli_value(v)}
    return {**limits, **requests}, limits


def qos_class(pod: Pod) -> str:
    asks = [_asks(container) for container in (*pod.spec.init_containers, *pod.spec.containers)]
    if not any(requests or limits for requests, limits in asks):
        return "BestEffort"
    guaranteed = all(len(limits) == len(COMPUTE) and requests == limits for requests, limits in asks)
    return "Guaranteed" if guaranteed else "Burstable"


def oom_score_adj(pod: Pod, container: Container, memory_capacity: int) -> int:
    """-997 (last to die) to 1000 (first): a burstable container is safer the more memory it requested."""
    found = pod.status.qos_class or qos_class(pod)
    if pod.spec.priority is not None and pod.spec.priority >= 2_000_000_000:
        return -997
    if found in ("Guaranteed", "BestEffort"):
        return -997 if found == "Guaranteed" else 1000
    requested = value(container.resources.requests.get("memory", "0"))
    score = 1000 - 1000 * requested // max(memory_capacity, 1)
    return min(max(score, 3), 999)


def cpu_shares(milli: int) -> int:
    return max(MIN_SHARES, milli * 1024 // 1000)


def cpu_quota(milli: int) -> int:
    return max(MIN_QUOTA, milli * PERIOD // 1000) if milli else 0


def tier(pod: Pod) -> str:
    """guaranteed, burstable or besteffort"""
    return (pod.status.qos_class or qos_class(pod)).lower()


def pod_cgroup(root: str, pod: Pod) -> str:
    """<root>/kubepods[/burstable|/besteffort]/pod<uid>"""
    found = tier(pod)
    parent = "" if found == "guaranteed" else f"/{found}"
    return f"{root.rstrip('/')}/kubepods{parent}/pod{pod.metadata.uid}"


def pod_amounts(pod: Pod) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """(requests, limits) of the pod as a whole: its hungriest step, with overhead; a limit alone requests as much."""
    spec = pod.spec.to_dict()
    for container in (*spec.get("initContainers", ()), *spec.get("containers", ())):
        asked = container.get("resources", {})
        container["resources"] = {**asked, "requests": {**asked.get("limits", {}), **asked.get("requests", {})}}
    return amounts_of(spec, "requests"), amounts_of(spec, "limits")


def pod_limits(pod: Pod) -> dict[str, int]:
    """cpu shares, cpu quota and memory limit of the whole pod; a limit only if every container has one."""
    requests, limits = pod_amounts(pod)
    bounded = [_asks(container)[1] for container in (*pod.spec.init_containers, *pod.spec.containers)]
    found = {"cpu_shares": cpu_shares(milli_value(requests.get("cpu", "0")))}
    if all("cpu" in limit for limit in bounded):
        found["cpu_quota"] = cpu_quota(milli_value(limits.get("cpu", "0")))
    if all("memory" in limit for limit in bounded):
        found["memory_limit"] = value(limits.get("memory", "0"))
    return found


def requested_cpu(pod: Pod) -> int:
    """Thousandths of a processor."""
    return milli_value(pod_amounts(pod)[0].get("cpu", "0"))
