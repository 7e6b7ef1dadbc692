"""Runs a lifecycle hook: a command, an HTTP request, a pause.

Of an HTTP hook only silence is a failure: whatever status it answers with, it was told.
Real Kubernetes: kubelet/lifecycle/handlers.go.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence

from kubelet.containers.identity import pod_identity
from kubelet.probes.checks import Target, port_number
from kubelet.probes.http_check import status_of
from kubelet.probes.outcome import Outcome
from kubelet.runtime.interface import ExecResult, Runtime, RuntimeFailure
from machinery.api.core.v1 import HTTPGetAction, LifecycleHandler, Pod


def _failed(kind: str, action: str, pod: Pod, target: Target, *, why: str, said: str = "") -> Outcome:
    who = f'for Container "{target.container.name}" in Pod "{pod_identity(pod)}"'
    return Outcome(False, f"{kind} lifecycle hook ({action}) {who} failed - error: {why}, message: {json.dumps(said)}")


async def _exec(runtime: Runtime, command: Sequence[str], pod: Pod, target: Target, *, timeout: float) -> Outcome:
    shown, words = f"[{' '.join(command)}]", " ".join(command)
    try:
        result: ExecResult = await runtime.exec_sync(target.container_id, tuple(command), timeout)
    except RuntimeFailure as error:
        return _failed("Exec", shown, pod, target, why=str(error))
    if result.exit_code == 0:
        return Outcome(True)
    why = f"command '{words}' exited with {result.exit_code}: {result.stderr.decode(errors='replace')}"
    said = (result.stdout + result.stderr).decode(errors="replace")
    return _failed("Exec", shown, pod, target, why=why, said=said)


async def _http(action: HTTPGetAction, pod: Pod, target: Target, timeout: float) -> Outcome:
    port = port_number(action.port, target.container) or 80
    found = await status_of(action, action.host or target.ip, port, timeout)
    if isinstance(found, Outcome):
        return _failed("HTTP", action.path, pod, target, why=found.message)
    return Outcome(True)


async def run_hook(runtime: Runtime, handler: LifecycleHandler, pod: Pod, target: Target, *, timeout: float) -> Outcome:
    """Returns when the hook is over."""
    if handler.exec is not None:
        return await _exec(runtime, handler.exec.command, pod, target, timeout=timeout)
    if handler.http_get is not None:
        return await _http(handler.http_get, pod, target, timeout)
    if handler.sleep is not None:
        await asyncio.sleep(min(handler.sleep.seconds, timeout))
        return Outcome(True)
    return Outcome(False, "Cannot run handler: invalid handler")
