"""Pods and what a runtime holds of them, as short values for tests of pure functions."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from kubelet.runtime.interface import ContainerState, RuntimeContainer, RuntimePod, Sandbox
from machinery.api.core.v1 import Container, Pod, PodSpec
from machinery.api.meta.v1 import ObjectMeta

NOW = datetime(2030, 1, 1, 12, 0, 0, tzinfo=UTC)


def ago(seconds: float) -> datetime:
    return NOW - timedelta(seconds=seconds)


def a_pod(*containers: str, init: tuple[str, ...] = (), policy: str = "Always", **spec: object) -> Pod:
    return Pod(
        metadata=ObjectMeta(name="web", namespace="default", uid="u1"),
        spec=PodSpec(
            restart_policy=policy,
            containers=tuple(Container(name=name, image="i") for name in containers or ("c",)),
            init_containers=tuple(Container(name=name, image="i") for name in init),
            **spec,
        ),
    )


def a_sandbox(
    identity: str = "s1", *, ready: bool = True, attempt: int = 0, ips: tuple[str, ...] = ("10.1.0.2",)
) -> Sandbox:
    return Sandbox(identity, "u1", "web", "default", ready, attempt, ago(60), ips)


def running(name: str = "c", *, attempt: int = 0, identity: str = "", sandbox: str = "s1") -> RuntimeContainer:
    return RuntimeContainer(identity or f"{name}-{attempt}", sandbox, "u1", name, attempt, ContainerState.RUNNING,
                            ago(50), image="i", started_at=ago(50))


def exited(
    name: str = "c", code: int = 0, *, attempt: int = 0, since: float = 1.0, sandbox: str = "s1"
) -> RuntimeContainer:
    return RuntimeContainer(f"{name}-{attempt}", sandbox, "u1", name, attempt, ContainerState.EXITED, ago(50),
                            image="i", started_at=ago(50), finished_at=ago(since), exit_code=code)


def held(*items: Sandbox | RuntimeContainer) -> RuntimePod:
    """Newest first, as a runtime gives them."""
    return RuntimePod(
        "u1", "web", "default",
        tuple(item for item in items if isinstance(item, Sandbox)),
        tuple(item for item in items if isinstance(item, RuntimeContainer)),
    )
