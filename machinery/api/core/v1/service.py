"""Service."""

from machinery.api.meta.v1 import Condition, ObjectMeta
from machinery.api.model import Int32, IntOrString, Model, Object, field


class ClientIPConfig(Model):
    """How long a client keeps its endpoint."""

    timeout_seconds: Int32 | None = field(1, None)
    """Seconds after which a client may get another pod: 1 to 86400. Default 10800, three hours."""


class PortStatus(Model):
    """One port of a load balancer, or why it has none."""

    port: Int32 = field(1, 0, required=True)
    """The port's number."""
    protocol: str = field(2, "", required=True)
    """TCP, UDP or SCTP."""
    error: str | None = field(3, None)
    """What went wrong with this port, as one word, perhaps with a domain in front."""


class LoadBalancerIngress(Model):
    """One address where a load balancer takes traffic."""

    ip: str = field(1, "")
    """Its IP address, if it has one."""
    hostname: str = field(2, "")
    """Its host name, if it has one."""
    ip_mode: str | None = field(3, None)
    """VIP (the default): packets keep its address, so nodes may short-cut to it; Proxy: they do not."""
    ports: tuple[PortStatus, ...] = field(4, (), list_type="atomic")
    """How each port fares."""


class LoadBalancerStatus(Model):
    """Where a load balancer takes traffic."""

    ingress: tuple[LoadBalancerIngress, ...] = field(1, (), list_type="atomic")
    """Its addresses."""


class ServicePort(Model):
    """One port of a service and the port behind it."""

    name: str = field(1, "")
    """The port's name, unique in the service; may be left out if there is only one."""
    protocol: str = field(2, "", openapi_default="TCP")
    """TCP (the default), UDP or SCTP."""
    app_protocol: str | None = field(6, None)
    """What is spoken on it, as a hint for proxies: http, https, kubernetes.io/h2c …"""
    port: Int32 = field(3, 0, required=True)
    """The port of the service's address, 1 to 65535."""
    target_port: IntOrString | None = field(4, None)
    """The port of the pods, by number or by name; the same as port if not said."""
    node_port: Int32 = field(5, 0)
    """A port on every node that leads here, mostly 30000 to 32767; chosen by the server if not said."""


class SessionAffinityConfig(Model):
    """How long a client keeps its endpoint."""

    client_ip: ClientIPConfig | None = field(1, None, json="clientIP")
    """For how long, with affinity by the client's address."""


class ServiceSpec(Model):
    """Which pods, which ports, which kind of address."""

    ports: tuple[ServicePort, ...] = field(
        1, (), merge="merge", merge_key="port", list_type="map", list_keys=("port", "protocol")
    )
    """At least one, except for headless and ExternalName services; with several, each needs a name."""
    selector: dict[str, str] = field(2, {}, atomic=True)
    """The labels of the pods that take its traffic. Without any, somebody else writes the endpoints."""
    cluster_ip: str = field(3, "", json="clusterIP")
    """Its address inside the cluster; chosen by the server if not said, and None for a headless service."""
    cluster_ips: tuple[str, ...] = field(18, (), json="clusterIPs", list_type="atomic")
    """All its addresses, one of each family; the first is clusterIP."""
    type: str = field(4, "")
    """ClusterIP (the default), NodePort, LoadBalancer or ExternalName, only a name in DNS."""
    external_ips: tuple[str, ...] = field(5, (), json="externalIPs", list_type="atomic")
    """Further addresses for which nodes take traffic; that it gets there is up to you."""
    session_affinity: str = field(7, "")
    """ClientIP sends a client to the same pod every time; None (the default) to any."""
    load_balancer_ip: str = field(8, "", json="loadBalancerIP")
    """Deprecated: the address to ask the cloud for; see your provider's annotations."""
    load_balancer_source_ranges: tuple[str, ...] = field(9, (), list_type="atomic")
    """Networks of clients that the load balancer lets in, if it can; all if not said."""
    external_name: str = field(10, "")
    """For ExternalName: the name that DNS answers with, as a CNAME."""
    external_traffic_policy: str = field(11, "")
    """Traffic from outside: Cluster (default) to any pod, Local to the node's own, keeping its source."""
    health_check_node_port: Int32 = field(12, 0)
    """A port that tells load balancers whether a node has pods; for LoadBalancer with policy Local."""
    publish_not_ready_addresses: bool = field(13, False)
    """Whether pods that are not ready get traffic and names as well. Default false."""
    session_affinity_config: SessionAffinityConfig | None = field(14, None)
    """Details for sessionAffinity ClientIP."""
    ip_families: tuple[str, ...] = field(19, (), list_type="atomic")
    """IPv4, IPv6 or both, in order of preference; chosen by the server if not said."""
    ip_family_policy: str | None = field(17, None)
    """SingleStack (the default), PreferDualStack (both if the cluster can) or RequireDualStack."""
    allocate_load_balancer_node_ports: bool | None = field(20, None)
    """Whether a LoadBalancer gets node ports. Default true; some do without."""
    load_balancer_class: str | None = field(21, None)
    """Which implementation shall make the load balancer; the cluster's default if not said."""
    internal_traffic_policy: str | None = field(22, None)
    """Traffic from pods: Cluster (the default) to any pod, Local only to those on the same node."""
    traffic_distribution: str | None = field(23, None)
    """PreferClose sends traffic to near pods, mostly those of the same zone, if there are any."""


class ServiceStatus(Model):
    """Where a service is reached from outside."""

    load_balancer: LoadBalancerStatus = field(1, LoadBalancerStatus)
    """Its load balancer's addresses, for type LoadBalancer once there is one."""
    conditions: tuple[Condition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )
    """What is true of the service now."""


class Service(Object):
    """A stable name and address in front of pods that come and go."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Service", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ServiceSpec = field(2, ServiceSpec)
    """Written by you; the server fills in its address and node ports."""
    status: ServiceStatus = field(3, ServiceStatus)
    """Written by whoever makes its load balancer."""
