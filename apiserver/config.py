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
    anonymous_auth: bool = True
    """Let in who proves no name, as system:anonymous; what that user may see is little."""
    token_auth_file: str = ""
    """CSV file of fixed tokens: token, user, uid, and optionally "group1,group2"."""
    enable_bootstrap_token_auth: bool = False
    """Believe tokens in Secrets of type bootstrap.kubernetes.io/token in kube-system."""
    requestheader_client_ca_file: str = ""
    """CA of proxies that are believed when their headers say who asks; empty means none is."""
    requestheader_allowed_names: tuple[str, ...] = ()
    """Common names that such a proxy's certificate may have; empty means any."""
    requestheader_username_headers: tuple[str, ...] = ("X-Remote-User",)
    """Headers in which a proxy names the user."""
    requestheader_uid_headers: tuple[str, ...] = ("X-Remote-Uid",)
    """Headers in which a proxy gives the user's uid."""
    requestheader_group_headers: tuple[str, ...] = ("X-Remote-Group",)
    """Headers in which a proxy names the user's groups."""
    requestheader_extra_headers_prefix: tuple[str, ...] = ("X-Remote-Extra-",)
    """What headers with further facts of the user begin with."""
    proxy_client_cert_file: str = ""
    """Client certificate towards extension servers, by which they believe our headers that say who asks."""
    proxy_client_key_file: str = ""
    """Key of that certificate."""
    service_account_issuer: tuple[str, ...] = ()
    """Who tokens of service accounts are by: the first makes new ones, all are believed."""
    service_account_signing_key_file: str = ""
    """Private key that signs tokens of service accounts."""
    service_account_key_file: tuple[str, ...] = ()
    """Keys that may have signed tokens of service accounts, old ones too; empty means the signing key alone."""
    service_account_max_token_expiration: float = 0
    """Seconds that a token of a service account may hold at most; 0 means any time."""
    service_account_extend_token_expiration: bool = True
    """Let pods' automatic tokens hold for a year, with a warning in the audit log once they are stale."""
    service_account_jwks_uri: str = ""
    """Where discovery says that the keys of tokens are published; empty means here."""
    api_audiences: tuple[str, ...] = ()
    """Whom a token must be meant for to be believed here; empty means the issuers."""
    authorization_mode: tuple[str, ...] = ("Node", "RBAC")
    """Who is asked whether a request may be made, in order: Node, RBAC, AlwaysAllow, AlwaysDeny."""
    enable_admission_plugins: tuple[str, ...] = ()
    """Admission plugins that are off by default (AlwaysPullImages, NodeRestriction, EventRateLimit,
    OwnerReferencesPermissionEnforcement) and shall be asked, too."""
    disable_admission_plugins: tuple[str, ...] = ()
    """Admission plugins that are left out."""
    admission_control_config_file: str = ""
    """File of an AdmissionConfiguration, which tells EventRateLimit, PodSecurity and ResourceQuota their settings."""
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
    encryption_provider_config: str = ""
    """File of an EncryptionConfiguration, which says what is encrypted in etcd, and how; empty means nothing is."""
    encryption_provider_config_automatic_reload: bool = False
    """Take up changes of that file while the server runs."""
    audit_log_path: str = ""
    """File of audit lines (JSON); empty means none, - is standard output."""
    audit_policy_file: str = ""
    """File of a Policy (audit.k8s.io/v1), which says how much of what is written; empty: Metadata of everything."""
    audit_log_maxsize: int = 100
    """Megabytes of an audit log that is full."""
    audit_log_maxbackup: int = 1
    """How many full ones are kept; 0: all."""
    audit_log_maxage: int = 0
    """For how many days full ones are kept; 0: for ever."""
    event_ttl: int = 3600
    """Seconds that an Event is kept."""
    max_requests_inflight: int = 400
    """Reading requests that may run at once; 0 for no limit. Watches, logs and the like do not count."""
    max_mutating_requests_inflight: int = 200
    """Writing requests that may run at once; 0 for no limit."""
    enable_priority_and_fairness: bool = True
    """Share out the places of both limits together by who asks for what (FlowSchemas), and let some wait their turn."""
    shutdown_delay_duration: float = 0.0
    """How long (such as 5s) to go on serving after a signal to stop, while /readyz already fails."""
