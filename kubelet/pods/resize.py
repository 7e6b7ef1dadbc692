"""In-place resize: what a pod's containers may use changes while they run.

The API server marks a resized pod as Proposed in status.resize. From there:

    Infeasible   this node is too small for it, even if it had no other pod
    Deferred     it will fit once other pods are gone; looked at again and again
    InProgress   accepted, and being carried out: at once, or by a restart where resizePolicy asks for one
    ""           carried out; the containers' statuses say what they have now

Real Kubernetes: kubelet.go (canResizePod, handlePodResourcesResize), kuberuntime_manager.go (computePodResizeAction).
Left out: a checkpoint of what was accepted; the statuses in the API are the memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kubelet.containers.qos import pod_amounts
from kubelet.containers.sandbox import grace_period
from kubelet.containers.spec import resources
from kubelet.pods.kill import kill_container
from kubelet.pods.report import report
from kubelet.pods.tools import Memory, Tools
from kubelet.runtime.interface import RuntimeContainer, RuntimePod
from machinery.api import quantity
from machinery.api.core.v1 import Container, Pod, ResourceRequirements

INFEASIBLE, DEFERRED, IN_PROGRESS, DONE = "Infeasible", "Deferred", "InProgress", ""
ENDED = ("Succeeded", "Failed")
AGAIN_SECONDS = 5.0
"""How often to look whether a deferred resize fits by now."""


@dataclass(frozen=True)
class Change:
    """A running container that shall have other amounts."""

    container: Container
    run: RuntimeContainer
    restart: bool


def obstacle(pod: Pod, everyone: Iterable[Pod], allocatable: Mapping[str, str]) -> str:
    """Why the pod cannot have what it asks for: Infeasible or Deferred; "" if it can. Pure."""
    others = [p for p in everyone if p.metadata.uid != pod.metadata.uid]
    own, taken = pod_amounts(pod)[0], [pod_amounts(p)[0] for p in others if p.status.phase not in ENDED]
    found = ""
    for name in ("cpu", "memory"):
        room, asked = quantity.parse(allocatable.get(name, "0")), quantity.parse(own.get(name, "0"))
        if asked > room:
            return INFEASIBLE
        if asked + sum(quantity.parse(amounts.get(name, "0")) for amounts in taken) > room:
            found = DEFERRED
    return found


def changes(pod: Pod, status: RuntimePod, applied: Mapping[str, ResourceRequirements]) -> Iterator[Change]:
    """What differs between what containers have and what they shall have. Pure."""
    held = {s.container_id.partition("://")[2]: s.resources for s in pod.status.container_statuses}
    for container in pod.spec.containers:
        run = status.newest(container.name)
        if run is None or not run.running:
            continue
        have = applied.get(run.id) or held.get(run.id)
        if have != container.resources:
            yield Change(container, run, _wants_restart(container, have or ResourceRequirements()))


def _wants_restart(container: Container, have: ResourceRequirements) -> bool:
    wanted = container.resources
    touched = {
        name
        for before, after in ((have.requests, wanted.requests), (have.limits, wanted.limits))
        for name in before.keys() | after.keys()
        if before.get(name) != after.get(name)
    }
    policies = {policy.resource_name: policy.restart_policy for policy in container.resize_policy}
    return any(policies.get(name) == "RestartContainer" for name in touched)


async def resize(tools: Tools, memory: Memory, pod: Pod) -> None:
    """Carries out what the API server has marked. Raises RuntimeFailure."""
    if pod.status.resize in (DONE, INFEASIBLE):
        return
    if found := obstacle(pod, tools.pods(), tools.allocatable()):
        _say(tools, pod, found)
        return
    wanted = list(changes(pod, memory.status, memory.applied))
    if wanted:
        _say(tools, pod, IN_PROGRESS)
        tools.cgroups.create(pod)
        for change in wanted:
            await _carry_out(tools, memory, pod, change)
        report(tools, memory, pod)
    if not any(change.restart for change in wanted):
        _say(tools, pod, DONE)


async def _carry_out(tools: Tools, memory: Memory, pod: Pod, change: Change) -> None:
    """By a restart: the container is ended, and the next look starts it with what it shall have."""
    name = change.container.name
    if change.restart:
        message = f"Container {name} resize requires restart"
        await kill_container(tools, pod, change.run, grace=grace_period(pod), message=message)
        return
    await tools.runtime.update_resources(change.run.id, resources(pod, change.container, tools.memory_capacity))
    memory.applied[change.run.id] = change.container.resources


def _say(tools: Tools, pod: Pod, word: str) -> None:
    latest = tools.writer.latest(pod)
    tools.writer.submit(latest, latest.status.replace(resize=word))
