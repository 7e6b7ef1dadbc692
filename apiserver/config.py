"""The API server's flags, as one frozen dataclass.

Every field is a flag (`tls_cert_file` is `--tls-cert-file`); its docstring is the flag's help text.
Real Kubernetes: cmd/kube-apiserver/app/options.
"""

from __future__ import annotations

from dataclasses import dataclass

from machinery.component.flags import ComponentConfig


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """Serve the Kubernetes API from etcd."""

    etcd_servers: str = "http://127.0.0.1:2379"
    """Comma-separated etcd endpoints."""
    etcd_cafile: str = ""
    """CA that signed etcd's serving certificate."""
    etcd_certfile: str = ""
    """Client certificate towards etcd."""
    etcd_keyfile: str = ""
    """Key of the client certificate towards etcd."""
    bind_address: str = "0.0.0.0"
    """Address to listen on."""
    secure_port: int = 6443
    """Port to serve HTTPS on."""
    advertise_address: str = ""
    """Address under which other members reach this server; the `kubernetes` Service leads there."""
    tls_cert_file: str = ""
    """Serving certificate."""
    tls_private_key_file: str = ""
    """Key of the serving certificate."""
    client_ca_file: str = ""
    """CA that signs client certificates: CN is the user, O are its groups."""
    kubelet_client_certificate: str = ""
    """Client certificate towards kubelets."""
    kubelet_client_key: str = ""
    """Key of the client certificate towards kubelets."""
    kubelet_certificate_authority: str = ""
    """CA that signs the kubelets' serving certificates."""
    service_cluster_ip_range: str = "10.96.0.0/16"
    """Range from which Services get their ClusterIP."""
    service_node_port_range: str = "30000-32767"
    """Ports that NodePort Services get on every node."""
    audit_log_path: str = ""
    """File of audit lines (JSON); empty means none."""
    event_ttl: int = 3600
    """Seconds that an Event is kept."""
