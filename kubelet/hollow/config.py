"""What a process of hollow nodes can be told, and which nodes those are.

Real Kubernetes: kubemark's hollow-node, where every node is a pod of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from ipaddress import IPv4Address
from pathlib import Path

from kubelet.config import Config as Settings
from machinery.component.flags import ComponentConfig

FIRST_NODE = IPv4Address("198.18.0.1")
"""A range that is reserved for measuring: no real machine is there."""
FIRST_POD = IPv4Address("10.128.0.2")
PODS_EACH = 256


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """Many nodes that pretend: the whole kubelet each, over containers that run no process."""

    kubeconfig: str = ""
    """The kubeconfig file with which to reach the API server, as somebody who may act for all these nodes."""
    nodes: int = 100
    """How many nodes."""
    name_prefix: str = "hollow-"
    """What their names begin with; a number follows."""
    first: int = 0
    """The number of the first of them: of several processes each takes other numbers."""
    root_dir: str = "/var/lib/hollow"
    """The folder in which each node has one for its pods' files."""
    start_seconds: float = 0.1
    """How long the start of a pod pretends to take."""
    missing_images: tuple[str, ...] = ()
    """Images that cannot be pulled, separated by commas."""
    capacity: dict[str, str] = field(default_factory=lambda: {"cpu": "8", "memory": "32Gi"})
    """The processors and the memory that each node claims to have, cpu=8,memory=32Gi."""
    max_pods: int = 110
    """How many pods each node takes."""
    node_labels: dict[str, str] = field(default_factory=dict)
    """Labels to register with, k=v,k=v."""
    register_with_taints: tuple[str, ...] = ()
    """Taints to register with, key=value:Effect or key:Effect, separated by commas."""
    node_status_update_frequency: float = 60.0
    """How often each node looks at itself: nothing changes there but its images. Leases are renewed all the same."""
    requests_at_once: int = 16
    """How many requests of all these nodes may be under way; beside them as many heartbeats, and few events."""


def node_names(config: Config) -> tuple[str, ...]:
    return tuple(f"{config.name_prefix}{number}" for number in _numbers(config))


def kubelets(config: Config) -> Iterator[Settings]:
    """The settings of each node's kubelet."""
    for number, name in zip(_numbers(config), node_names(config), strict=True):
        folder = Path(config.root_dir) / name
        yield Settings(
            kubeconfig=config.kubeconfig,
            node_name=name,
            node_ip=str(FIRST_NODE + number),
            root_dir=str(folder),
            pod_log_dir=str(folder / "logs"),
            container_runtime="hollow",
            hollow_start_seconds=config.start_seconds,
            max_pods=config.max_pods,
            node_labels=config.node_labels,
            register_with_taints=config.register_with_taints,
            node_status_update_frequency=config.node_status_update_frequency,
        )


def first_address(config: Config, index: int) -> int:
    """Pods of different nodes have different addresses."""
    return int(FIRST_POD) + PODS_EACH * (config.first + index)


def _numbers(config: Config) -> range:
    return range(config.first, config.first + config.nodes)
