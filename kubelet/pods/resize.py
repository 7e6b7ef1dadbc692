"""In-place resize: what a pod's containers may use changes while they run.

The API server marks a resized pod as Proposed in status.resize; that mark is taken away once the runtime knows, or
says Infeasible where this node is too small. Doing it twice does no harm.
Real Kubernetes: kubelet.go (handlePodResourcesResize). Left out: restarting containers whose resizePolicy asks for it,
waiting for room that other pods take, and the amounts in use in the container statuses.
"""

from __future__ import annotations

from collections.abc import Mapping

from kubelet.containers.spec import resources
from kubelet.pods.tools import Memory, Tools
from machinery.api import quantity
from machinery.api.core.v1 import Pod

INFEASIBLE = "Infeasible"


def fits(pod: Pod, allocatable: Mapping[str, str]) -> bool:
    """Whether the node could hold this pod if it had no other."""
    for name in ("cpu", "memory"):
        asked = sum(quantity.parse(c.resources.requests.get(name, "0")) for c in pod.spec.containers)
        if asked > quantity.parse(allocatable.get(name, "0")):
            return False
    return True


async def resize(tools: Tools, memory: Memory, pod: Pod) -> None:
    """Carry out what the API server has marked. Raises RuntimeFailure."""
    if pod.status.resize in ("", INFEASIBLE):
        return
    outcome = ""
    if fits(pod, tools.allocatable()):
        tools.cgroups.create(pod)
        for container in pod.spec.containers:
            run = memory.status.newest(container.name)
            if run is not None and run.running:
                await tools.runtime.update_resources(run.id, resources(pod, container, tools.memory_capacity))
    else:
        outcome = INFEASIBLE
    latest = tools.writer.latest(pod)
    tools.writer.submit(latest, latest.status.replace(resize=outcome))
