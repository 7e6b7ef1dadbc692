"""One admission: what a node never runs, then what it has no room for; asked only of pods that have not begun."""

from __future__ import annotations

from functools import partial
from typing import Any

from kubelet.node.gate import Gate, Surroundings
from kubelet.pods.refusal import refusal
from machinery.api.core.v1 import Node, Pod, PodSecurityContext, Sysctl
from tests.support.objects import NOW
from tests.support.runs import a_pod

UNSAFE = PodSecurityContext(sysctls=(Sysctl(name="kernel.msgmax", value="1"),))


def a_gate(room: dict[str, str]) -> Gate:
    around = Surroundings(
        node=Node, allocatable=lambda: room, pods=tuple, pressures=frozenset, shutting_down=lambda: False,
        never=partial(refusal, unsafe_sysctls=(), app_armor=False),
    )  # fmt: skip
    unused: Any = None
    return Gate(unused, around)


async def told(pod: Pod, **room: str) -> tuple[str, str]:
    verdict = await a_gate({"pods": "1", **room}).admit(pod)
    return (verdict.reason, verdict.message) if verdict else ("", "")


async def test_what_a_node_never_runs() -> None:
    pod = a_pod(security_context=UNSAFE)
    why = 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted'
    assert await told(pod) == ("SysctlForbidden", why)
    assert await told(pod, pods="0") == ("SysctlForbidden", why)


async def test_room() -> None:
    assert await told(a_pod()) == ("", "")
    why = "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 0, capacity: 0"
    assert await told(a_pod(), pods="0") == ("OutOfpods", why)


async def test_what_runs_was_let_in_before() -> None:
    pod = a_pod(security_context=UNSAFE)
    assert await told(pod.replace(status=pod.status.replace(start_time=NOW)), pods="0") == ("", "")
