"""Small objects for tests, each said in one line."""

from __future__ import annotations

from datetime import UTC, datetime

from machinery.api.core.v1 import (
    Container,
    ContainerPort,
    Node,
    NodeCondition,
    NodeSpec,
    NodeStatus,
    Pod,
    PodCondition,
    PodSpec,
    PodStatus,
    ResourceRequirements,
    Taint,
    Toleration,
)
from machinery.api.meta.v1 import ObjectMeta, OwnerReference

NOW = datetime(2030, 1, 1, tzinfo=UTC)
CONTROL_PLANE = Taint(key="node-role.kubernetes.io/control-plane", effect="NoSchedule")
ALLOCATABLE = {"cpu": "2", "memory": "4Gi", "pods": "110", "ephemeral-storage": "20Gi"}


def owner(uid: str, *, kind: str = "ReplicaSet", name: str = "web", api_version: str = "apps/v1") -> OwnerReference:
    """A controlling owner."""
    return OwnerReference(
        api_version=api_version, kind=kind, name=name, uid=uid, controller=True, block_owner_deletion=True
    )


def container(cpu: str = "", memory: str = "", *, host_port: int = 0, name: str = "c", **more: object) -> Container:
    """A container with requests."""
    requests = {key: value for key, value in (("cpu", cpu), ("memory", memory)) if value}
    ports = (ContainerPort(container_port=80, host_port=host_port, protocol="TCP"),) if host_port else ()
    return Container(name=name, image="i", resources=ResourceRequirements(requests=requests), ports=ports, **more)


def meta(name: str, namespace: str = "default", **more: object) -> ObjectMeta:
    """Metadata as the server would have filled it."""
    defaults = {"uid": f"uid-{name}", "creation_timestamp": NOW, "resource_version": "1"}
    return ObjectMeta(name=name, namespace=namespace, **{**defaults, **more})


def pod(name: str = "p", *containers: Container, node: str = "", phase: str = "Pending", ready: bool | None = None,
        labels: dict[str, str] | None = None, owners: tuple[OwnerReference, ...] = (), priority: int | None = None,
        tolerations: tuple[Toleration, ...] = (), metadata: dict | None = None, status: dict | None = None,
        **spec: object) -> Pod:
    """A pod; with `ready`, one whose Ready condition says so."""
    conditions = ()
    if ready is not None:
        conditions = (PodCondition(type="Ready", status=str(ready), last_transition_time=NOW),)
    return Pod(
        metadata=meta(name, labels=labels or {}, owner_references=owners, **(metadata or {})),
        spec=PodSpec(containers=containers or (container(),), node_name=node, priority=priority,
                     tolerations=tolerations, **spec),
        status=PodStatus(phase=phase, conditions=conditions, **(status or {})),
    )


def node(name: str, *taints: Taint, labels: dict[str, str] | None = None, unschedulable: bool = False,
         ready: str = "True", **allocatable: str) -> Node:
    """A node with room for two CPUs and 110 pods, unless told otherwise."""
    return Node(
        metadata=meta(name, "", labels={"kubernetes.io/hostname": name} | (labels or {})),
        spec=NodeSpec(taints=taints, unschedulable=unschedulable),
        status=NodeStatus(allocatable=ALLOCATABLE | allocatable, conditions=(
            NodeCondition(type="Ready", status=ready, last_heartbeat_time=NOW, last_transition_time=NOW),)),
    )
