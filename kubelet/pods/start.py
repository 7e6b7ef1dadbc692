"""Starts one container: image, environment, mounts, create, start, postStart.

Writes to the runtime, files below <root>/pods/<uid>, and Events; leaves the reason of a failure in Memory.
Real Kubernetes: kuberuntime_container.go, startContainer.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, replace

from kubelet.containers.env import Sources, environment
from kubelet.containers.failure import ConfigFailure
from kubelet.containers.guests import target_of
from kubelet.containers.sandbox import grace_period
from kubelet.containers.service_env import service_variables
from kubelet.containers.spec import Ingredients, container_spec
from kubelet.pods.backoff import raised
from kubelet.pods.containers_status import Waiting
from kubelet.pods.files import mounts, termination_mount
from kubelet.pods.hooks import run_hook
from kubelet.pods.tools import Memory, Tools
from kubelet.probes.checks import Target
from kubelet.runtime import interface as rt
from kubelet.volumes.prepared import Prepared
from machinery.api.core.v1 import ConfigMap, Container, HostIP, Pod, PodIP, Secret

HOOK_TIMEOUT = 600.0


@dataclass(frozen=True)
class Ground:
    """What stands before the first container can start."""

    sandbox: rt.Sandbox
    spec: rt.SandboxSpec
    volumes: Mapping[str, Prepared]
    objects: Mapping[tuple[str, str], ConfigMap | Secret]


class StartFailure(Exception):
    """The container's waiting reason and message."""

    def __init__(self, reason: str, message: str, *, told: bool = False) -> None:
        super().__init__(message)
        self.reason = reason
        self.told = told
        """The user knows already."""


def with_addresses(pod: Pod, ground: Ground, node_ip: str) -> Pod:
    """The pod as its containers shall see it: addresses are known before the API shows them."""
    ips = (node_ip,) if pod.spec.host_network else ground.sandbox.ips
    status = pod.status.replace(
        host_ip=node_ip,
        host_ips=(HostIP(ip=node_ip),),
        pod_ip=ips[0] if ips else "",
        pod_ips=tuple(PodIP(ip=ip) for ip in ips),
    )
    return pod.replace(status=status)


def next_attempt(pod: Pod, name: str, status: rt.RuntimePod) -> int:
    """One more than the last run; the API remembers it when the runtime does not. What never ran does not count."""
    newest = status.newest(name)
    if newest is not None:
        return newest.attempt + (newest.state is not rt.ContainerState.CREATED)
    everyone = (*pod.status.init_container_statuses, *pod.status.container_statuses)
    old = next((s for s in everyone if s.name == name), None)
    return old.restart_count + 1 if old is not None and old.container_id else 0


async def start(
    tools: Tools, memory: Memory, pod: Pod, container: Container, *, ground: Ground, image: Awaitable[rt.Image]
) -> bool:
    """True when the container runs; else its reason is in memory, and the user has been told.

    Every try after an end makes the next one wait longer: one that failed to start ended, too.
    """
    ended = memory.status.newest(container.name)
    tell = tools.tell(pod)
    if ended is not None and ended.finished_at is not None:
        delay = memory.delays.get(container.name)
        memory.delays[container.name] = raised(delay, ended.finished_at, tools.clock.now())
    try:
        await _start(tools, memory, pod, container, ground=ground, image=image)
    except rt.ImageFailure as failure:
        memory.reasons[container.name] = Waiting(failure.reason, str(failure))
        tell.warning("Failed", f"Error: {failure.reason}", container.name)
        return False
    except StartFailure as failure:
        memory.reasons[container.name] = Waiting(failure.reason, str(failure))
        if not failure.told:
            tell.warning("Failed", f"Error: {failure}", container.name)
        return False
    memory.reasons.pop(container.name, None)
    return True


async def _start(
    tools: Tools, memory: Memory, pod: Pod, container: Container, *, ground: Ground, image: Awaitable[rt.Image]
) -> None:
    found = await image
    attempt = next_attempt(pod, container.name, memory.status)
    try:
        target_id = _target_id(pod, container.name, memory.status)
        spec = _describe(tools, with_addresses(pod, ground, tools.config.node_ip), container,
                         ground=ground, image=found, attempt=attempt)
        spec = replace(spec, target_id=target_id)
    except ConfigFailure as failure:
        raise StartFailure(failure.reason, str(failure)) from failure
    tell, unborn = tools.tell(pod), memory.status.newest(container.name)
    try:
        if unborn is not None and unborn.state is rt.ContainerState.CREATED:
            # A kubelet that was killed has made it and not started it: its name is needed again.
            await tools.runtime.remove_container(unborn.id)
        container_id = await tools.runtime.create_container(ground.sandbox.id, spec, ground.spec)
    except rt.RuntimeFailure as failure:
        raise StartFailure("CreateContainerError", str(failure)) from failure
    tools.pod_of[container_id] = pod.metadata.uid
    memory.applied[container_id] = container.resources
    tell.normal("Created", f"Created container: {container.name}", container.name)
    try:
        await tools.runtime.start_container(container_id)
    except rt.RuntimeFailure as failure:
        raise StartFailure("RunContainerError", str(failure)) from failure
    tell.normal("Started", f"Started container {container.name}", container.name)
    await _post_start(tools, pod, Target(container_id, container, _ip(pod, ground, tools)))


def _target_id(pod: Pod, name: str, status: rt.RuntimePod) -> str:
    """The container that a guest wants to look into; it must run."""
    target = target_of(pod, name)
    found = status.newest(target) if target else None
    if target and (found is None or not found.running):
        raise ConfigFailure(f'unable to find target container "{target}"')
    return found.id if found else ""


def _describe(
    tools: Tools, pod: Pod, container: Container, *, ground: Ground, image: rt.Image, attempt: int
) -> rt.ContainerSpec:
    links = pod.spec.enable_service_links is not False
    services = service_variables(tools.services(), pod.metadata.namespace, links=links)
    sources = Sources(ground.objects, services, tools.allocatable())
    variables = environment(pod, container, sources)
    last_words = termination_mount(tools.config, pod, container, attempt)
    every = (*mounts(tools.config, pod, container, volumes=ground.volumes, variables=variables), last_words)
    return container_spec(
        pod,
        container,
        Ingredients(
            image=image,
            mounts=tuple(mount for mount in every if mount),
            sources=sources,
            attempt=attempt,
            termination_file=last_words.host_path if last_words else "",
            memory_capacity=tools.memory_capacity,
            root=tools.config.root_dir,
        ),
    )


def _ip(pod: Pod, ground: Ground, tools: Tools) -> str:
    return tools.config.node_ip if pod.spec.host_network else next(iter(ground.sandbox.ips), "")


async def _post_start(tools: Tools, pod: Pod, target: Target) -> None:
    """The hook after the start; a container whose hook fails is killed."""
    lifecycle = target.container.lifecycle
    if lifecycle is None or lifecycle.post_start is None:
        return
    outcome = await run_hook(tools.runtime, lifecycle.post_start, pod, target, timeout=HOOK_TIMEOUT)
    if outcome.ok:
        return
    # The event keeps silent about what the hook said: it may hold secrets.
    tell, name = tools.tell(pod), target.container.name
    tell.warning("FailedPostStartHook", "PostStartHook failed", name)
    tell.normal("Killing", "FailedPostStartHook", name)
    await tools.runtime.stop_container(target.container_id, grace_period(pod))
    raise StartFailure("PostStartHookError", outcome.message, told=True)


def begin_images(
    tools: Tools, pod: Pod, containers: tuple[Container, ...], *, spec: rt.SandboxSpec, secrets: list[Secret]
) -> dict[str, asyncio.Task[rt.Image]]:
    """Every image at once; each container awaits its own."""
    tell = tools.tell(pod)
    return {
        container.name: asyncio.create_task(
            tools.images.ensure(tell, container, spec, secrets), name=f"image {container.image}"
        )
        for container in containers
    }
