"""What the kubelet can be told on its command line.

Reads and writes nothing. In real Kubernetes: KubeletConfiguration, a file, and a hundred flags.
Left out: whatever this kubelet decides by itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from machinery.component.flags import ComponentConfig


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """The node agent: makes the pods bound to its node run, and reports how they fare."""

    kubeconfig: str = ""
    """The kubeconfig file with which to reach the API server; empty for the user's own."""
    node_name: str
    """The name under which this node registers."""
    node_ip: str
    """The address of this node that other nodes reach."""
    root_dir: str = "/var/lib/kubelet"
    """The folder for pods' volumes and files."""
    container_runtime: str = "containerd"
    """What runs the containers: containerd (any CRI runtime) or hollow (nothing runs, all is pretended)."""
    container_runtime_endpoint: str = "unix:///run/containerd/containerd.sock"
    """The socket of the CRI runtime."""
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
    node_status_update_frequency: float = 10.0
    """How often to look whether the node's state changed."""
    node_status_report_frequency: float = 300.0
    """How often to write the node's state although it did not change."""
    hollow_start_seconds: float = 0.1
    """With --container-runtime hollow: how long a sandbox pretends to take."""
