"""Makes one pod what it shall be, in a numbered list of steps.

Asks `compute_pod_actions` what to do, does it, and reports; called again whenever something changed.
Real Kubernetes: kubelet.go (SyncPod) and kuberuntime_manager.go (SyncPod).
"""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass, replace
from pathlib import Path

from kubelet.containers.failure import ConfigFailure
from kubelet.containers.sandbox import dns_excess, sandbox_spec, wanted_dns
from kubelet.pods import kill
from kubelet.pods.actions import Observed, PodActions, compute_pod_actions
from kubelet.pods.backoff import words
from kubelet.pods.containers_status import Waiting
from kubelet.pods.files import write_hosts
from kubelet.pods.look import look
from kubelet.pods.report import report
from kubelet.pods.resize import AGAIN_SECONDS, DEFERRED, resize
from kubelet.pods.start import Ground, begin_images, start
from kubelet.pods.tools import Memory, Tools
from kubelet.probes.checks import pod_ip
from kubelet.runtime import interface as rt
from kubelet.volumes.failure import ClaimFailure, MountFailure
from kubelet.volumes.payload import holds_files
from kubelet.volumes.prepared import Prepared
from machinery.api.core.v1 import ConfigMap, Pod, Secret
from machinery.api.errors import NotFound

log = logging.getLogger(__name__)

CRASH_LOOP = "CrashLoopBackOff"
ROUNDS = 20
"""A pod needs a round for each init container and one more; a bound in case the runtime lies."""


class SyncFailure(Exception):
    """The pod could not be made ready; the worker tries again later, and soon where nobody will tell it of a change."""

    def __init__(self, message: str, *, soon: bool = False) -> None:
        super().__init__(message)
        self.soon = soon


@dataclass(frozen=True)
class Synced:
    """How it went: when to come back by itself, and whether the pod has had its time."""

    again_after: float | None = None
    over: str = ""


async def sync(tools: Tools, memory: Memory, pod: Pod) -> Synced:
    """Rounds of look, decide, act, until there is nothing more to do."""
    status = await look(tools, memory)
    for _ in range(ROUNDS):
        tools.prober.follow(tools.tell(pod), status, _ip(tools, pod, status))
        actions = compute_pod_actions(pod, status, _observed(tools, memory))
        _note_waiting(tools, memory, pod, actions)
        report(tools, memory, pod)
        if actions.empty:
            memory.failures = 0
            await _refresh(tools, pod)
            await resize(tools, memory, pod)
            break
        over = actions.kill_pod and not actions.create_sandbox
        if over:
            return Synced(over="all containers have ended")
        progressed = await _act(tools, memory, pod, actions)
        memory.failures = 0 if progressed else memory.failures + 1
        status = await look(tools, memory)
        if not progressed:
            tools.prober.follow(tools.tell(pod), status, _ip(tools, pod, status))
            report(tools, memory, pod)
            break
    await kill.prune(tools, status)
    return Synced(again_after=_again_after(tools, memory, pod))


def _ip(tools: Tools, pod: Pod, status: rt.RuntimePod) -> str:
    return pod_ip(pod, status.sandbox.ips if status.sandbox else (), tools.config.node_ip)


def _observed(tools: Tools, memory: Memory) -> Observed:
    return Observed(
        now=tools.clock.now(),
        delays=memory.delays,
        failed_probes=tools.prober.failed(memory.uid),
        started=tools.prober.health(memory.uid).started,
    )


def _note_waiting(tools: Tools, memory: Memory, pod: Pod, actions: PodActions) -> None:
    """Tells of each container that enters its back-off."""
    meta = pod.metadata
    for name in actions.waiting:
        identity = f"{meta.name}_{meta.namespace}({meta.uid})"
        pause = words(memory.delays[name].seconds)
        message = f"back-off {pause} restarting failed container={name} pod={identity}"
        if memory.reasons.get(name) != Waiting(CRASH_LOOP, message):
            memory.reasons[name] = Waiting(CRASH_LOOP, message)
            tools.tell(pod).warning("BackOff", f"Back-off restarting failed container {name} in pod {identity}", name)


async def _act(tools: Tools, memory: Memory, pod: Pod, actions: PodActions) -> bool:
    """The list. False when something failed, and a new round would only repeat it."""
    status = memory.status
    # 1. A sandbox that is no good takes its containers with it.
    if actions.kill_pod:
        await kill.kill_containers(tools, pod, status, grace=2)
        await kill.stop_sandboxes(tools, status)
    # 2. Containers that failed a probe.
    await asyncio.gather(*(kill.kill_for_probe(tools, pod, doomed) for doomed in actions.kill))
    starting = actions.starting
    if not starting:
        return True
    # 3. Sandbox, volumes and images, all at once: none needs another.
    spec = _spec(tools, pod, actions.attempt)
    secrets = await _pull_secrets(tools, pod)
    images = begin_images(tools, pod, starting, spec=spec, secrets=secrets)
    try:
        ground = await _ground(tools, memory, pod, actions, spec=spec)
        if actions.create_sandbox and not all(task.done() for task in images.values()):
            # Pulling may take long: meanwhile the pod has an address, and says so.
            await look(tools, memory)
            report(tools, memory, pod)
        # 4. The next init container (or sidecars), 5. then all others, 6. then guests.
        ran = [
            await start(tools, memory, pod, container, ground=ground, image=images[container.name])
            for container in starting
        ]
    finally:
        for task in images.values():
            task.cancel()
        await asyncio.gather(*images.values(), return_exceptions=True)
    return all(ran)


async def _ground(
    tools: Tools, memory: Memory, pod: Pod, actions: PodActions, *, spec: rt.SandboxSpec
) -> Ground:
    """Runs what needs no other at the same time; the first failure is the one that is told."""
    sandbox, volumes = await asyncio.gather(
        _sandbox(tools, memory, pod, actions, spec=spec), _volumes(tools, pod), return_exceptions=True
    )
    for outcome in (volumes, sandbox):
        if isinstance(outcome, BaseException):
            raise outcome
    paths, objects = volumes
    if actions.create_sandbox:
        write_hosts(tools.config, pod, sandbox.ips)
    return Ground(sandbox, spec, paths, objects)


def _spec(tools: Tools, pod: Pod, attempt: int) -> rt.SandboxSpec:
    try:
        return sandbox_spec(pod, attempt, tools.config, tools.host_dns)
    except ConfigFailure as error:
        message = f"Failed to create pod sandbox: {error}"
        tools.tell(pod).warning("FailedCreatePodSandBox", message)
        raise SyncFailure(message) from error


def _tell_dns(tools: Tools, pod: Pod, spec: rt.SandboxSpec) -> None:
    if spec.dns and (said := dns_excess(wanted_dns(pod, tools.config, tools.host_dns), spec.dns)):
        tools.tell(pod).warning("DNSConfigForming", said)


async def _sandbox(
    tools: Tools, memory: Memory, pod: Pod, actions: PodActions, *, spec: rt.SandboxSpec
) -> rt.Sandbox:
    if not actions.create_sandbox:
        return memory.status.sandboxes[0]
    tools.cgroups.create(pod)
    Path(spec.log_directory).mkdir(parents=True, exist_ok=True)
    try:
        sandbox = await tools.runtime.run_sandbox(replace(spec, runtime_handler=await _handler(tools, pod)))
    except rt.RuntimeFailure as error:
        message = f"Failed to create pod sandbox: {error}"
        tools.tell(pod).warning("FailedCreatePodSandBox", message)
        raise SyncFailure(message) from error
    tools.pod_of[sandbox.id] = pod.metadata.uid
    _tell_dns(tools, pod, spec)
    return sandbox


async def _handler(tools: Tools, pod: Pod) -> str:
    """The runtime's own name for what the pod's RuntimeClass stands for."""
    if pod.spec.host_users is False:
        raise rt.RuntimeFailure("can't set `spec.hostUsers: false`, runtime does not support user namespaces")
    if not pod.spec.runtime_class_name:
        return ""
    from machinery.api.node.v1 import RuntimeClass

    try:
        return (await tools.client.get(RuntimeClass, pod.spec.runtime_class_name)).handler
    except NotFound as error:
        raise rt.RuntimeFailure(f'RuntimeClass "{pod.spec.runtime_class_name}" not found') from error


async def _volumes(tools: Tools, pod: Pod) -> tuple[dict[str, Prepared], dict[tuple[str, str], ConfigMap | Secret]]:
    try:
        return await tools.mounter.prepare(pod), await tools.mounter.objects(pod)
    except MountFailure as error:
        tools.tell(pod).warning("FailedMount", str(error))
        raise SyncFailure(str(error), soon=isinstance(error.__cause__, ClaimFailure)) from error


async def _refresh(tools: Tools, pod: Pod) -> None:
    """Brings the files of a running pod up to date. What is missing now is left as the containers know it."""
    if not any(holds_files(volume) for volume in pod.spec.volumes):
        return
    try:
        await tools.mounter.prepare(pod)
    except MountFailure as error:
        log.info("pod %s/%s keeps its files: %s", pod.metadata.namespace, pod.metadata.name, error)


async def _pull_secrets(tools: Tools, pod: Pod) -> list[Secret]:
    if not pod.spec.image_pull_secrets:
        return []
    found = await tools.mounter.objects(pod)
    names = [reference.name for reference in pod.spec.image_pull_secrets]
    if missing := [name for name in names if ("Secret", name) not in found]:
        said = f"Unable to retrieve some image pull secrets ({', '.join(missing)});"
        tools.tell(pod).warning(
            "FailedToRetrieveImagePullSecret", f"{said} attempting to pull the image may not succeed."
        )
    secrets = [found.get(("Secret", name)) for name in names]
    return [secret for secret in secrets if isinstance(secret, Secret)]


def _again_after(tools: Tools, memory: Memory, pod: Pod) -> float | None:
    """The earliest moment at which something that waits may go on."""
    actions = compute_pod_actions(pod, memory.status, _observed(tools, memory))
    waits = list(actions.waiting.values())
    if tools.writer.latest(pod).status.resize == DEFERRED:
        waits.append(AGAIN_SECONDS)
    for container in actions.starting:
        reason = memory.reasons.get(container.name)
        pulling = reason is not None and reason.reason == "ImagePullBackOff"
        waits.append(tools.images.wait(memory.uid, container) if pulling else pause_after(memory.failures))
    refresh = tools.mounter.refresh_after(pod)
    return min((*waits, refresh) if refresh else waits, default=None)


def pause_after(failures: int) -> float:
    """1 s, doubling to 16 s, after syncs that could not do all they should."""
    return min(2.0 ** max(failures - 1, 0), 16.0)
