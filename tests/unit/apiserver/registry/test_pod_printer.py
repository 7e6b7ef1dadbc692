"""The STATUS, READY and RESTARTS cells for every state that a learner meets."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.registry.core.pod_printer import cells
from machinery.api.core.v1 import Pod

NOW = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
RUNNING = {"running": {"startedAt": "2026-01-01T00:59:00Z"}}


def ended(code: int = 0, reason: str = "", **more: Any) -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, **more}}


def waiting(reason: str) -> dict[str, Any]:
    return {"waiting": {"reason": reason}}


def status(state: dict[str, Any], *, ready: bool = False, restarts: int = 0, last: Any = None, **more: Any) -> Any:
    return {
        "name": "c", "state": state, "ready": ready, "restartCount": restarts, "lastState": last or {}, "image": "",
        "imageID": "", **more,
    }  # fmt: skip


def row(phase: str, *statuses: Any, inits: Any = (), conditions: Any = (), meta: Any = None, **more: Any) -> list[Any]:
    spec = {
        "containers": [{"name": f"c{i}"} for i in range(max(1, len(statuses)))],
        "initContainers": [{"name": "i"} for _ in inits],
    }
    pod = {
        "metadata": {"name": "p", "creationTimestamp": "2026-01-01T00:55:00Z", **(meta or {})},
        "spec": spec,
        "status": {
            "phase": phase, "containerStatuses": list(statuses), "initContainerStatuses": list(inits),
            "conditions": [{"type": kind, "status": "True"} for kind in conditions], **more,
        },
    }  # fmt: skip
    return cells(Pod.from_dict(pod), NOW)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (row("Pending"), ["0/1", "Pending", "0"]),
        (row("Pending", status(waiting("ContainerCreating"))), ["0/1", "ContainerCreating", "0"]),
        (row("Pending", status(waiting("ImagePullBackOff"))), ["0/1", "ImagePullBackOff", "0"]),
        (row("Running", status(RUNNING, ready=True)), ["1/1", "Running", "0"]),
        (row("Running", status(RUNNING, ready=True), status(RUNNING)), ["1/2", "Running", "0"]),
        (row("Succeeded", status(ended(0, "Completed"))), ["0/1", "Completed", "0"]),
        (row("Failed", status(ended(1, "Error"))), ["0/1", "Error", "0"]),
        (row("Failed", status(ended(3))), ["0/1", "ExitCode:3", "0"]),
        (row("Failed", status(ended(0, signal=9))), ["0/1", "Signal:9", "0"]),
        (
            row(
                "Running",
                status(waiting("CrashLoopBackOff"), restarts=4, last=ended(1, finishedAt="2026-01-01T00:59:55Z")),
            ),
            ["0/1", "CrashLoopBackOff", "4 (5s ago)"],
        ),
        (row("Running", status(RUNNING, ready=True, restarts=1)), ["1/1", "Running", "1"]),
        (row("Pending", inits=[status(RUNNING)]), ["0/1", "Init:0/1", "0"]),
        (row("Pending", inits=[status(ended(1, "Error"))]), ["0/1", "Init:Error", "0"]),
        (
            row("Pending", inits=[status(waiting("CrashLoopBackOff"), restarts=2)]),
            ["0/1", "Init:CrashLoopBackOff", "2"],
        ),
        (
            row(
                "Running", status(RUNNING, ready=True), inits=[status(ended(0), restarts=3)], conditions=["Initialized"]
            ),
            ["1/1", "Running", "0"],
        ),
        (
            row("Running", status(ended(0, "Completed")), status(RUNNING, ready=True), conditions=["Ready"]),
            ["1/2", "Running", "0"],
        ),
        (row("Running", status(ended(0, "Completed")), status(RUNNING, ready=True)), ["1/2", "NotReady", "0"]),
        (
            row("Running", status(RUNNING, ready=True), meta={"deletionTimestamp": "2026-01-01T01:00:30Z"}),
            ["1/1", "Terminating", "0"],
        ),
        (row("Failed", reason="Evicted"), ["0/1", "Evicted", "0"]),
        (
            row("Running", reason="NodeLost", meta={"deletionTimestamp": "2026-01-01T01:00:30Z"}),
            ["0/1", "Unknown", "0"],
        ),
    ],
)
def test_states(cells: list[Any], expected: list[str]) -> None:
    assert cells[1:4] == expected
    assert cells[0] == "p" and cells[4] == "5m"


def test_sidecars_count_as_containers() -> None:
    pod = {
        "metadata": {"name": "p"},
        "spec": {"containers": [{"name": "c"}], "initContainers": [{"name": "side", "restartPolicy": "Always"}]},
        "status": {
            "phase": "Running",
            "containerStatuses": [status(RUNNING, ready=True)],
            "initContainerStatuses": [{**status(RUNNING, ready=True, restarts=2), "name": "side", "started": True}],
        },
    }
    assert cells(Pod.from_dict(pod), NOW)[1:4] == ["2/2", "Running", "2"]


def test_wide_cells() -> None:
    shown = row("Running", podIP="10.0.0.1", podIPs=[{"ip": "10.0.0.1"}])
    assert shown[5:] == ["10.0.0.1", "<none>", "<none>", "<none>"]
