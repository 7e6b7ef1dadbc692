"""The judge of a soak sees a lie when there is one."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from kubelet.runtime.interface import ContainerState, RuntimeContainer, RuntimePod, Sandbox
from tests.soak.truth import lies

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)
RUN = RuntimeContainer("id1", "s", "u", "c", 0, ContainerState.RUNNING, NOON, started_at=NOON)
SANDBOX = Sandbox("s", "u", "p", "default", True, 0, NOON, ("10.0.0.9",))


def a_pod(phase: str = "Running", ready: str = "True", **changes: Any) -> dict[str, Any]:
    row = {"name": "c", "state": {"running": {}}, "ready": True, "restartCount": 0, "containerID": "containerd://id1"}
    status = {"phase": phase, "podIPs": [{"ip": "10.0.0.9"}], "containerStatuses": [{**row, **changes}],
              "conditions": [{"type": "Ready", "status": ready}]}  # fmt: skip
    return {"metadata": {"name": "p"}, "spec": {}, "status": status}


def runs(*containers: RuntimeContainer, sandbox: Sandbox = SANDBOX) -> RuntimePod:
    return RuntimePod("u", "p", "default", (sandbox,), containers)


ENDED = replace(RUN, state=ContainerState.EXITED, finished_at=NOON, exit_code=3)


def test_the_truth() -> None:
    assert lies(a_pod(), runs(RUN)) == []


@pytest.mark.parametrize(("pod", "found", "lie"), [
    (a_pod(), runs(), "p: c: is shown as running, but is not there"),
    (a_pod(), runs(ENDED), "p: c: is shown as running, but is EXITED"),
    (a_pod(), runs(RUN, replace(RUN, name="x")), "p: x runs and is not shown"),
    (a_pod(), runs(replace(RUN, id="id2")), "p: c: is id2, not id1"),
    (a_pod(), runs(replace(RUN, attempt=2)), "p: c: was restarted 2 times, not 0"),
    (a_pod(), runs(RUN, sandbox=replace(SANDBOX, ips=("10.0.0.8",))),
     "p: has the addresses ('10.0.0.8',), not ['10.0.0.9']"),
    (a_pod("Failed", "False"), runs(RUN), "p: is Failed, and ['c'] run"),
    (a_pod(ready="False"), runs(RUN), "p: is not Ready, and all containers are"),
    (a_pod("Pending"), runs(RUN), "p: is Pending, and all containers run"),
    (a_pod(ready="False", state={"terminated": {"exitCode": 0}}), runs(ENDED), "p: c: ended with 3, not 0"),
    (a_pod(ready="False", state={"waiting": {}}), runs(RUN),
     "p: c: runs, and is shown as {'waiting': {}}"),
])  # fmt: skip
def test_lies(pod: dict[str, Any], found: RuntimePod, lie: str) -> None:
    assert lie in lies(pod, found)
