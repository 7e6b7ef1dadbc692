"""Whether what the API says of a pod is what the runtime says. Pure: two views in, a list of lies out.

The views must be of the same moment: a pod that changes between them lies only by chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from kubelet.runtime.interface import RuntimeContainer, RuntimePod

ENDED = ("Succeeded", "Failed")


def lies(pod: dict[str, Any], found: RuntimePod) -> list[str]:
    """Everything in which a pod's status differs from its containers."""
    name, status = pod["metadata"]["name"], pod.get("status", {})
    rows = (*status.get("initContainerStatuses", ()), *status.get("containerStatuses", ()),
            *status.get("ephemeralContainerStatuses", ()))  # fmt: skip
    told = [*_of_pod(status, found, rows), *_of_address(pod, found)]
    for row in rows:
        told += [f"{row['name']}: {lie}" for lie in _of_container(row, found.history(row["name"]))]
    shown = {row["name"] for row in rows}
    told += [f"{run.name} runs and is not shown" for run in found.containers if run.running and run.name not in shown]
    return [f"{name}: {lie}" for lie in told]


def _of_pod(status: dict[str, Any], found: RuntimePod, rows: tuple[dict[str, Any], ...]) -> Iterator[str]:
    phase, running = status.get("phase"), [run.name for run in found.containers if run.running]
    if phase in ENDED and running:
        yield f"is {phase}, and {running} run"
    if phase in ENDED and found.sandbox is not None:
        yield f"is {phase}, and its sandbox is ready"
    if phase == "Succeeded" and any(row["state"].get("terminated", {}).get("exitCode") for row in rows):
        yield "is Succeeded, and a container failed"
    ready = {c["type"]: c["status"] for c in status.get("conditions", ())}.get("Ready")
    own = status.get("containerStatuses", ())
    if ready == "True" and not all(row["ready"] for row in own):
        yield "is Ready, and a container is not"
    if ready == "False" and phase == "Running" and rows and all(row["ready"] for row in rows):
        yield "is not Ready, and all containers are"
    if phase == "Pending" and own and all("running" in row["state"] for row in own):
        yield "is Pending, and all containers run"


def _of_address(pod: dict[str, Any], found: RuntimePod) -> Iterator[str]:
    if found.sandbox is None or pod["spec"].get("hostNetwork"):
        return
    told = [ip["ip"] for ip in pod["status"].get("podIPs", ())]
    if told != list(found.sandbox.ips):
        yield f"has the addresses {found.sandbox.ips}, not {told}"


def _of_container(row: dict[str, Any], runs: tuple[RuntimeContainer, ...]) -> Iterator[str]:
    """`runs` are those of this name, the newest first; of a pod that has ended they may be gone already."""
    newest, state = (runs[0] if runs else None), row["state"]
    id_told = row.get("containerID", "").rpartition("/")[2]
    if "running" in state and (newest is None or not newest.running):
        yield f"is shown as running, but is {newest.state.name if newest else 'not there'}"
    if "running" not in state and newest is not None and newest.running:
        yield f"runs, and is shown as {state}"
    if row["ready"] and "running" not in state and "terminated" not in state:
        yield "is ready without running"
    if newest is None:
        return
    if id_told and id_told not in [run.id for run in runs[:1]]:
        yield f"is {newest.id[:12]}, not {id_told[:12]}"
    if row["restartCount"] != newest.attempt:
        yield f"was restarted {newest.attempt} times, not {row['restartCount']}"
    ended = state.get("terminated")
    if ended and newest.finished_at and ended["exitCode"] != newest.exit_code:
        yield f"ended with {newest.exit_code}, not {ended['exitCode']}"
