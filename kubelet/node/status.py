"""This node as the API shows it. Pure.

Ready follows the runtime's own conditions, the conditions of pressure follow eviction.
Real Kubernetes: kubelet_node_status.go, nodestatus/setters.go. Left out: devices, huge pages, zones.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence
from datetime import datetime
from decimal import Decimal

from kubelet.config import Config
from kubelet.eviction.thresholds import thresholds
from kubelet.node.facts import Machine
from kubelet.runtime.interface import Image, RuntimeCondition, RuntimeVersion
from machinery.api import quantity
from machinery.api.core.v1 import (
    ContainerImage,
    DaemonEndpoint,
    Node,
    NodeAddress,
    NodeCondition,
    NodeDaemonEndpoints,
    NodeSpec,
    NodeStatus,
    NodeSystemInfo,
    Taint,
)
from machinery.api.meta.v1 import ObjectMeta
from machinery.component.version import RELEASE

MOST_IMAGES = 50
NO_PRESSURE = {
    "MemoryPressure": ("KubeletHasSufficientMemory", "kubelet has sufficient memory available"),
    "DiskPressure": ("KubeletHasNoDiskPressure", "kubelet has no disk pressure"),
    "PIDPressure": ("KubeletHasSufficientPID", "kubelet has sufficient PID available"),
}
PRESSURE = {
    "MemoryPressure": ("KubeletHasInsufficientMemory", "kubelet has insufficient memory available"),
    "DiskPressure": ("KubeletHasDiskPressure", "kubelet has disk pressure"),
    "PIDPressure": ("KubeletHasInsufficientPID", "kubelet has insufficient PID available"),
}


def capacity(machine: Machine, max_pods: int) -> dict[str, str]:
    return {
        "cpu": str(machine.cpus),
        "ephemeral-storage": _kibibytes(machine.disk_bytes),
        "memory": _kibibytes(machine.memory_bytes),
        "pods": str(max_pods),
    }


def allocatable(machine: Machine, config: Config) -> dict[str, str]:
    """Capacity less what is reserved, and less what eviction would not let pods have."""
    kept = {threshold.signal: threshold.amount for threshold in thresholds(config) if threshold.hard}
    disk, memory = kept.get("nodefs.available"), kept.get("memory.available")
    bytes_of_disk = machine.disk_bytes - _reserved(config, "ephemeral-storage")
    bytes_of_disk -= disk.of(machine.disk_bytes) if disk else 0
    bytes_of_memory = machine.memory_bytes - _reserved(config, "memory")
    bytes_of_memory -= memory.of(machine.memory_bytes) if memory else 0
    cpus = quantity.parse(str(machine.cpus)) - sum(
        quantity.parse(kept.get("cpu", "0")) for kept in (config.kube_reserved, config.system_reserved)
    )
    return {
        "cpu": quantity.format_decimal(max(cpus, Decimal(0))),
        "ephemeral-storage": str(max(0, bytes_of_disk)),
        "memory": _kibibytes(max(0, bytes_of_memory)),
        "pods": str(config.max_pods),
    }


def _kibibytes(amount: int) -> str:
    """As the API writes it: what it writes otherwise would differ from what we say, at every look."""
    return quantity.canonical(f"{amount // 1024}Ki")


def _reserved(config: Config, resource: str) -> int:
    return sum(quantity.value(kept.get(resource, "0")) for kept in (config.kube_reserved, config.system_reserved))


def parse_taint(text: str) -> Taint:
    """key=value:Effect or key:Effect."""
    pair, _, effect = text.rpartition(":")
    key, _, value = pair.partition("=")
    return Taint(key=key, value=value, effect=effect)


def default_labels(config: Config, machine: Machine) -> dict[str, str]:
    return {
        "beta.kubernetes.io/arch": machine.architecture,
        "beta.kubernetes.io/os": "linux",
        "kubernetes.io/arch": machine.architecture,
        "kubernetes.io/hostname": config.node_name,
        "kubernetes.io/os": "linux",
        **config.node_labels,
    }


def system_info(machine: Machine, runtime: RuntimeVersion) -> NodeSystemInfo:
    return NodeSystemInfo(
        machine_id=machine.machine_id,
        system_uuid=machine.system_uuid,
        boot_id=machine.boot_id,
        kernel_version=machine.kernel,
        os_image=machine.os_image,
        container_runtime_version=f"{runtime.name}://{runtime.version}",
        kubelet_version=RELEASE,
        kube_proxy_version=RELEASE,
        operating_system="linux",
        architecture=machine.architecture,
    )


def troubles(runtime: Sequence[RuntimeCondition], *, shutting_down: bool = False) -> list[str]:
    """Why this node is not ready; empty when it is. No conditions at all: the runtime does not answer."""
    found = ["node is shutting down"] if shutting_down else []
    held = {condition.type: condition for condition in runtime}
    if "RuntimeReady" not in held:
        return [*found, "container runtime is down"]
    for kind, words in (("NetworkReady", "container runtime network not ready"), ("RuntimeReady", "")):
        condition = held.get(kind)
        if condition is None or not condition.status:
            detail = _detail(kind, condition)
            found.append(f"{words}: {detail}" if words else f"container runtime not ready: {detail}")
    return found


def _detail(kind: str, condition: RuntimeCondition | None) -> str:
    if condition is None:
        return f"{kind}=false reason: message:"
    return f"{kind}=false reason:{condition.reason} message:{condition.message}"


def ready_condition(runtime: Sequence[RuntimeCondition], *, shutting_down: bool = False) -> NodeCondition:
    found = troubles(runtime, shutting_down=shutting_down)
    if not found:
        return NodeCondition(
            type="Ready", status="True", reason="KubeletReady", message="kubelet is posting ready status"
        )
    message = found[0] if len(found) == 1 else f"[{', '.join(found)}]"
    return NodeCondition(type="Ready", status="False", reason="KubeletNotReady", message=message)


def _dated(condition: NodeCondition, old: Iterable[NodeCondition], now: datetime) -> NodeCondition:
    before = next((c for c in old if c.type == condition.type), None)
    since = before.last_transition_time if before and before.status == condition.status else None
    return condition.replace(last_heartbeat_time=now, last_transition_time=since or now)


def conditions(
    ready: NodeCondition, pressures: Container[str], old: Sequence[NodeCondition], now: datetime
) -> tuple[NodeCondition, ...]:
    ours = (*(_pressure(kind, kind in pressures) for kind in PRESSURE), ready)
    others = (c for c in old if c.type not in {condition.type for condition in ours})
    return (*(_dated(condition, old, now) for condition in ours), *others)


def _pressure(kind: str, held: bool) -> NodeCondition:
    reason, message = (PRESSURE if held else NO_PRESSURE)[kind]
    return NodeCondition(type=kind, status=str(held), reason=reason, message=message)


def image_list(images: Sequence[Image]) -> tuple[ContainerImage, ...]:
    """The largest ones, by all their names."""
    largest = sorted(images, key=lambda image: (-image.size, image.tags))[:MOST_IMAGES]
    return tuple(ContainerImage(names=(*image.digests, *image.tags), size_bytes=image.size) for image in largest)


def node_status(
    config: Config,
    machine: Machine,
    runtime: RuntimeVersion,
    *,
    observed: tuple[Sequence[RuntimeCondition], Sequence[Image]],
    old: NodeStatus,
    now: datetime,
    pressures: Container[str] = (),
    shutting_down: bool = False,
) -> NodeStatus:
    runtime_conditions, images = observed
    ready = ready_condition(runtime_conditions, shutting_down=shutting_down)
    return old.replace(
        capacity={**old.capacity, **capacity(machine, config.max_pods)},
        allocatable={**old.allocatable, **allocatable(machine, config)},
        conditions=conditions(ready, pressures, old.conditions, now),
        addresses=(
            NodeAddress(type="InternalIP", address=config.node_ip),
            NodeAddress(type="Hostname", address=config.node_name),
        ),
        daemon_endpoints=NodeDaemonEndpoints(kubelet_endpoint=DaemonEndpoint(port=config.port)),
        node_info=system_info(machine, runtime),
        images=image_list(images),
    )


def new_node(config: Config, machine: Machine) -> Node:
    meta = ObjectMeta(
        name=config.node_name,
        labels=default_labels(config, machine),
        annotations={"volumes.kubernetes.io/controller-managed-attach-detach": "true"},
    )
    taints = tuple(parse_taint(text) for text in config.register_with_taints)
    return Node(metadata=meta, spec=NodeSpec(taints=taints))


def without_times(status: NodeStatus) -> NodeStatus:
    """To see whether anything but the heartbeat is different."""
    plain = tuple(condition.replace(last_heartbeat_time=None) for condition in status.conditions)
    return status.replace(conditions=plain)
