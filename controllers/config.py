"""What the controllers can be told."""

from __future__ import annotations

from dataclasses import dataclass

from machinery.component.flags import ComponentConfig


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """Runs all controllers in one process."""

    kubeconfig: str = ""
    """The kubeconfig that says where the API server is and who we are; empty for the usual places."""
    cluster_cidr: str = "10.244.0.0/16"
    """The network of all pods; every node gets a part of it."""
    node_cidr_mask_size: int = 24
    """How large such a part is."""
    root_ca_file: str = ""
    """The certificate authority that pods are told to trust; empty for the kubeconfig's."""
    service_account_private_key_file: str = ""
    """Key that signs the tokens in Secrets of service accounts; empty means that such Secrets stay empty."""
    cluster_signing_cert_file: str = ""
    """Certificate of the authority that signs approved requests; empty means that none is signed."""
    cluster_signing_key_file: str = ""
    """Its key."""
    cluster_signing_duration: float = 8760 * 3600.0
    """How long such a certificate lasts; a request may ask for less."""
    node_monitor_grace_period: float = 40.0
    """How long a node may be silent before it counts as unreachable."""
    hostpath_provisioner_folder: str = ""
    """Where to make volumes for classes of the provisioner kubernetes.io/host-path; empty means not at all. All nodes
    must see that folder."""
    node_gone_quarantine: float = 40.0
    """How long a node must have been deleted before the pods that were on it are given up."""
    use_service_account_credentials: bool = True
    """Let every controller act as a service account of its own; else all act as this process."""
    leader_elect: bool = False
    """Take part in an election first, and work only while elected: for several control planes, one per machine."""
    controllers: tuple[str, ...] = ("*",)
    """Which controllers to run: `*` for all, `name` for one, `-name` for all but one."""
