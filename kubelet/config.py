"""What the kubelet can be told on its command line.

A flag wins over the file that --config names (see config_file). In real Kubernetes: KubeletConfiguration, and a hundred
flags. Left out: whatever this kubelet decides by itself.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

from machinery.component.flags import ComponentConfig, parser_of

EVICTION_HARD = (
    "memory.available<100Mi", "nodefs.available<10%", "nodefs.inodesFree<5%", "imagefs.available<15%",
    "imagefs.inodesFree<5%",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """The node agent: makes the pods bound to its node run, and reports how they fare."""

    config: str = ""
    """A file of kind KubeletConfiguration; what it says, flags may say otherwise."""
    kubeconfig: str = ""
    """The kubeconfig file with which to reach the API server; empty for the user's own."""
    node_name: str
    """The name under which this node registers."""
    node_ip: str
    """The address of this node that other nodes reach."""
    root_dir: str = "/var/lib/kubelet"
    """The folder for pods' volumes and files."""
    container_runtime: str = "containerd"
    """What runs the containers: containerd (any CRI runtime), docker, or hollow (nothing runs, all is pretended)."""
    container_runtime_endpoint: str = ""
    """The socket of the runtime; empty for containerd's or Docker's usual one."""
    pod_infra_container_image: str = "registry.k8s.io/pause:3.10"
    """With docker: the image of sandboxes, which does nothing; it must be here."""
    cni_conf_dir: str = "/etc/cni/net.d"
    """With docker: the folder where the network of pods is described."""
    cni_bin_dir: tuple[str, ...] = ("/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni")
    """With docker: the folders of CNI plugins, separated by commas."""
    cgroup_root: str = ""
    """The cgroup under which all pods' cgroups are made."""
    pod_log_dir: str = "/var/log/pods"
    """The folder for containers' logs."""
    pod_manifest_path: str = ""
    """The folder of static pods' manifests; empty for none."""
    port: int = 10250
    """The port of the node server (logs, pods), over TLS."""
    tls_cert_file: str = ""
    """The node server's certificate; without one there is no node server."""
    tls_private_key_file: str = ""
    """The key of that certificate."""
    client_ca_file: str = ""
    """Whoever calls the node server shows a certificate signed by this authority."""
    node_labels: dict[str, str] = field(default_factory=dict)
    """Labels to register with, k=v,k=v."""
    register_with_taints: tuple[str, ...] = ()
    """Taints to register with, key=value:Effect or key:Effect, separated by commas."""
    cluster_dns: str = ""
    """The address of the cluster's DNS service; empty when there is none."""
    cluster_domain: str = "cluster.local"
    """The domain of the cluster's DNS names."""
    max_pods: int = 110
    """How many pods this node takes."""
    serialize_image_pulls: bool = False
    """Whether images are fetched one after the other."""
    max_parallel_image_pulls: int = 0
    """How many images are fetched at the same time at most; 0 for any number."""
    pod_max_pids: int = -1
    """How many processes a pod may have; -1 for as many as the node can."""
    allowed_unsafe_sysctls: tuple[str, ...] = ()
    """Kernel parameters that pods may set although they may disturb others; name or name*, separated by commas."""
    node_status_update_frequency: float = 10.0
    """How often to look whether the node's state changed."""
    node_status_report_frequency: float = 300.0
    """How often to write the node's state although it did not change."""
    container_log_max_size: str = "10Mi"
    """How large a container's log may become before a new file is begun."""
    container_log_max_files: int = 5
    """How many files of a container's log are kept, the one that is written among them."""
    container_log_monitor_interval: float = 10.0
    """How often to look at the size of logs."""
    minimum_image_ttl_duration: float = 120.0
    """An image younger than this is never removed."""
    image_maximum_gc_age: float = 0.0
    """An image unused for longer than this is removed although there is room; 0 for never."""
    image_gc_high_threshold: int = 85
    """Percent of the images' disk in use from which on unused images are removed."""
    image_gc_low_threshold: int = 80
    """Percent down to which they are removed."""
    kube_reserved: dict[str, str] = field(default_factory=dict)
    """What Kubernetes' own processes on this node need, cpu=100m,memory=200Mi; pods cannot have it."""
    system_reserved: dict[str, str] = field(default_factory=dict)
    """What the node's other processes need."""
    eviction_hard: tuple[str, ...] = EVICTION_HARD
    """Thresholds at which pods are evicted at once, signal<amount or signal<percent, separated by commas."""
    eviction_soft: tuple[str, ...] = ()
    """Thresholds at which pods are evicted after a while."""
    eviction_soft_grace_period: dict[str, str] = field(default_factory=dict)
    """How long each soft threshold may be crossed before that, signal=duration."""
    eviction_minimum_reclaim: dict[str, str] = field(default_factory=dict)
    """How much more than its threshold to win back of a signal, signal=amount."""
    eviction_max_pod_grace_period: int = 0
    """The longest grace period of a pod that a soft threshold evicts."""
    eviction_pressure_transition_period: float = 300.0
    """How long a condition of pressure lasts after the pressure has ended."""
    eviction_monitoring_period: float = 10.0
    """How often to look at the signals."""
    shutdown_grace_period: float = 0.0
    """How long pods have to end when the kubelet is told to stop; 0 to let them run on."""
    shutdown_grace_period_critical_pods: float = 0.0
    """How much of that is kept for critical pods, which end last."""
    hollow_start_seconds: float = 0.1
    """With --container-runtime hollow: how long a sandbox pretends to take."""

    @classmethod
    def from_args(cls, argv: Sequence[str] | None = None) -> Self:
        """Flags over the file over defaults."""
        parser, only = parser_of(cls), argparse.ArgumentParser(add_help=False)
        only.add_argument("--config", default="")
        if path := only.parse_known_args(argv)[0].config:
            from kubelet.config_file import read

            known = read(path)
            parser.set_defaults(**known)
            for action in parser._actions:
                action.required = action.required and action.dest not in known
        return cls(**vars(parser.parse_args(argv)))
