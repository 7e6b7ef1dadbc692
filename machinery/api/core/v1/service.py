"""Service."""

from machinery.api.meta.v1 import Condition, ObjectMeta
from machinery.api.model import Int32, IntOrString, Model, Object, field


class ClientIPConfig(Model):
    """How long a client keeps its endpoint."""

    timeout_seconds: Int32 | None = field(1, None)


class PortStatus(Model):
    """One port of a load balancer, or why it has none."""

    port: Int32 = field(1, 0, required=True)
    protocol: str = field(2, "", required=True)
    error: str | None = field(3, None)


class LoadBalancerIngress(Model):
    """One address where a load balancer takes traffic."""

    ip: str = field(1, "")
    hostname: str = field(2, "")
    ip_mode: str | None = field(3, None)
    ports: tuple[PortStatus, ...] = field(4, (), list_type="atomic")


class LoadBalancerStatus(Model):
    """Where a load balancer takes traffic."""

    ingress: tuple[LoadBalancerIngress, ...] = field(1, (), list_type="atomic")


class ServicePort(Model):
    """One port of a service and the port behind it."""

    name: str = field(1, "")
    protocol: str = field(2, "", openapi_default="TCP")
    app_protocol: str | None = field(6, None)
    port: Int32 = field(3, 0, required=True)
    target_port: IntOrString | None = field(4, None)
    node_port: Int32 = field(5, 0)


class SessionAffinityConfig(Model):
    """How long a client keeps its endpoint."""

    client_ip: ClientIPConfig | None = field(1, None, json="clientIP")


class ServiceSpec(Model):
    """Which pods, which ports, which kind of address."""

    ports: tuple[ServicePort, ...] = field(
        1, (), merge="merge", merge_key="port", list_type="map", list_keys=("port", "protocol")
    )
    selector: dict[str, str] = field(2, {}, atomic=True)
    cluster_ip: str = field(3, "", json="clusterIP")
    cluster_ips: tuple[str, ...] = field(18, (), json="clusterIPs", list_type="atomic")
    type: str = field(4, "")
    external_ips: tuple[str, ...] = field(5, (), json="externalIPs", list_type="atomic")
    session_affinity: str = field(7, "")
    load_balancer_ip: str = field(8, "", json="loadBalancerIP")
    load_balancer_source_ranges: tuple[str, ...] = field(9, (), list_type="atomic")
    external_name: str = field(10, "")
    external_traffic_policy: str = field(11, "")
    health_check_node_port: Int32 = field(12, 0)
    publish_not_ready_addresses: bool = field(13, False)
    session_affinity_config: SessionAffinityConfig | None = field(14, None)
    ip_families: tuple[str, ...] = field(19, (), list_type="atomic")
    ip_family_policy: str | None = field(17, None)
    allocate_load_balancer_node_ports: bool | None = field(20, None)
    load_balancer_class: str | None = field(21, None)
    internal_traffic_policy: str | None = field(22, None)
    traffic_distribution: str | None = field(23, None)


class ServiceStatus(Model):
    """Where a service is reached from outside."""

    load_balancer: LoadBalancerStatus = field(1, LoadBalancerStatus)
    conditions: tuple[Condition, ...] = field(
        2, (), merge="merge", merge_key="type", list_type="map", list_keys=("type",)
    )


class Service(Object):
    """A stable name and address in front of pods that come and go."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "Service", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ServiceSpec = field(2, ServiceSpec)
    status: ServiceStatus = field(3, ServiceStatus)
