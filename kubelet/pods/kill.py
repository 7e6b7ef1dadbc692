"""Stops containers as they were promised: preStop, TERM, the grace period, KILL; then the sandbox.

Writes to the runtime and Events (Killing). The grace period covers the hook, the wait for the container's turn
(see ordering) and the signal together.
Real Kubernetes: kuberuntime_container.go (killContainer), kuberuntime_gc.go.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from pathlib import Path

from kubelet.containers.sandbox import grace_period
from kubelet.pods.actions import Kill
from kubelet.pods.hooks import run_hook
from kubelet.pods.ordering import Turns
from kubelet.pods.tools import Tools
from kubelet.probes.checks import Target
from kubelet.runtime import interface as rt
from kubelet.server import log_files
from machinery.api.core.v1 import Container, Pod

log = logging.getLogger(__name__)

MINIMUM_AFTER_HOOK = 2.0


def _spec_of(pod: Pod, name: str) -> Container | None:
    return next((c for c in (*pod.spec.init_containers, *pod.spec.containers) if c.name == name), None)


async def _pre_stop(tools: Tools, pod: Pod, run: rt.RuntimeContainer, *, ip: str, grace: float) -> float:
    """Runs the hook, if there is one; returns what is left of the grace period."""
    spec = _spec_of(pod, run.name)
    if spec is None or spec.lifecycle is None or spec.lifecycle.pre_stop is None or grace <= 0:
        return grace
    began = tools.clock.monotonic()
    try:
        async with asyncio.timeout(grace):
            target = Target(run.id, spec, ip)
            outcome = await run_hook(tools.runtime, spec.lifecycle.pre_stop, pod, target, timeout=grace)
        if not outcome.ok:
            log.warning("%s", outcome.message)
            tools.tell(pod).warning("FailedPreStopHook", "PreStopHook failed", run.name)
    except TimeoutError:
        log.info("pod %s: the preStop hook of %s took the whole grace period", pod.metadata.name, run.name)
    return max(MINIMUM_AFTER_HOOK, grace - (tools.clock.monotonic() - began))


async def kill_container(
    tools: Tools, pod: Pod, run: rt.RuntimeContainer, *, grace: float, message: str, turns: Turns | None = None
) -> None:
    tools.tell(pod).normal("Killing", message, run.name)
    left = await _pre_stop(tools, pod, run, ip=pod.status.pod_ip, grace=grace)
    if turns is not None and turns.waits(run.name) and left > 0:
        began = tools.clock.monotonic()
        await turns.wait(run.name, left)
        left = max(MINIMUM_AFTER_HOOK, left - (tools.clock.monotonic() - began))
    await tools.runtime.stop_container(run.id, left)
    if turns is not None:
        turns.ended(run.name)


async def kill_for_probe(tools: Tools, pod: Pod, kill: Kill) -> None:
    grace = grace_period(pod) if kill.grace is None else kill.grace
    await kill_container(tools, pod, kill.container, grace=grace, message=kill.message)


async def kill_containers(tools: Tools, pod: Pod, status: rt.RuntimePod, grace: float) -> None:
    """All at once, but sidecars after those that they serve."""
    running = [run for run in status.containers if run.running]
    turns = Turns(pod, [run.name for run in running])
    await asyncio.gather(
        *(
            kill_container(tools, pod, run, grace=grace, message=f"Stopping container {run.name}", turns=turns)
            for run in running
        )
    )


async def stop_sandboxes(tools: Tools, status: rt.RuntimePod) -> None:
    """Dead ones too: only stopping gives their address back."""
    await asyncio.gather(*(tools.runtime.stop_sandbox(sandbox.id) for sandbox in status.sandboxes))


async def remove_all(tools: Tools, status: rt.RuntimePod) -> None:
    """Every trace in the runtime."""
    for container in status.containers:
        await tools.runtime.remove_container(container.id)
        tools.pod_of.pop(container.id, None)
    for sandbox in status.sandboxes:
        await tools.runtime.stop_sandbox(sandbox.id)
        await tools.runtime.remove_sandbox(sandbox.id)
        tools.pod_of.pop(sandbox.id, None)


async def prune(tools: Tools, status: rt.RuntimePod) -> None:
    """Keeps of each container the newest run and the one before (for `logs --previous`), and one sandbox."""
    for name in _names(status):
        for old in status.history(name)[2:]:
            await tools.runtime.remove_container(old.id)
            tools.pod_of.pop(old.id, None)
            with contextlib.suppress(OSError):
                _unlink(old.log_path)
    kept = {container.sandbox_id for name in _names(status) for container in status.history(name)[:2]}
    for sandbox in status.sandboxes[1:]:
        if not sandbox.ready and sandbox.id not in kept:
            await tools.runtime.remove_sandbox(sandbox.id)
            tools.pod_of.pop(sandbox.id, None)


def _names(status: rt.RuntimePod) -> set[str]:
    return {container.name for container in status.containers}


def _unlink(path: str) -> None:
    if path:
        log_files.remove(Path(path))
