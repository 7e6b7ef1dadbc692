"""Ingress, IngressClass, NetworkPolicy (k8s.io/api `networking/v1`)."""

from typing import ClassVar

from machinery.api.core.v1.reference import TypedLocalObjectReference
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, IntOrString, Model, Object, field


class ServiceBackendPort(Model):
    """A service's port by name or number."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    number: Int32 = field(2, 0)


class IngressServiceBackend(Model):
    """A service and its port."""

    name: str = field(1, "", required=True)
    port: ServiceBackendPort = field(2, ServiceBackendPort)


class IngressBackend(Model):
    """Where traffic goes: a service's port, or a resource."""

    service: IngressServiceBackend | None = field(4, None)
    resource: TypedLocalObjectReference | None = field(3, None)


class HTTPIngressPath(Model):
    """A path and the backend behind it."""

    path: str = field(1, "")
    path_type: str | None = field(3, None, required=True)
    backend: IngressBackend = field(2, IngressBackend, required=True)


class HTTPIngressRuleValue(Model):
    """The paths of a host."""

    paths: tuple[HTTPIngressPath, ...] = field(1, (), required=True, list_type="atomic")


class IPBlock(Model):
    """A range of addresses, with exceptions."""

    cidr: str = field(1, "", required=True)
    except_: tuple[str, ...] = field(2, (), json="except", list_type="atomic")


class IngressTLS(Model):
    """A certificate and the hosts that it is for."""

    hosts: tuple[str, ...] = field(1, (), list_type="atomic")
    secret_name: str = field(2, "")


class IngressRuleValue(Model):
    """What a rule leads to."""

    http: HTTPIngressRuleValue | None = field(1, None)


class IngressRule(IngressRuleValue, inline=2):
    """A host and its paths."""

    host: str = field(1, "")


class IngressSpec(Model):
    """The class, rules, certificates and default backend of an ingress."""

    ingress_class_name: str | None = field(4, None)
    default_backend: IngressBackend | None = field(1, None)
    tls: tuple[IngressTLS, ...] = field(2, (), list_type="atomic")
    rules: tuple[IngressRule, ...] = field(3, (), list_type="atomic")


class IngressPortStatus(Model):
    """One port of an ingress, or why it has none."""

    port: Int32 = field(1, 0, required=True)
    protocol: str = field(2, "", required=True)
    error: str | None = field(3, None)


class IngressLoadBalancerIngress(Model):
    """One address where an ingress takes traffic."""

    ip: str = field(1, "")
    hostname: str = field(2, "")
    ports: tuple[IngressPortStatus, ...] = field(4, (), list_type="atomic")


class IngressLoadBalancerStatus(Model):
    """Where an ingress takes traffic."""

    ingress: tuple[IngressLoadBalancerIngress, ...] = field(1, (), list_type="atomic")


class IngressStatus(Model):
    """Where an ingress takes traffic."""

    load_balancer: IngressLoadBalancerStatus = field(1, IngressLoadBalancerStatus)


class Ingress(Object):
    """Which HTTP hosts and paths lead to which services."""

    api_version: str = field(None, "networking.k8s.io/v1", required=True)
    kind: str = field(None, "Ingress", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: IngressSpec = field(2, IngressSpec)
    status: IngressStatus = field(3, IngressStatus)


class IngressClassParametersReference(Model):
    """The object that holds an ingress class's parameters."""

    api_group: str | None = field(1, None)
    kind: str = field(2, "", required=True)
    name: str = field(3, "", required=True)
    scope: str | None = field(4, None, required=True, optional=True)
    namespace: str | None = field(5, None)


class IngressClassSpec(Model):
    """The controller and parameters of an ingress class."""

    controller: str = field(1, "")
    parameters: IngressClassParametersReference | None = field(2, None)


class IngressClass(Object):
    """A kind of ingress, and the controller that implements it."""

    api_version: str = field(None, "networking.k8s.io/v1", required=True)
    kind: str = field(None, "IngressClass", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: IngressClassSpec = field(2, IngressClassSpec)


class NetworkPolicyPort(Model):
    """A port, or a range of them."""

    protocol: str | None = field(1, None)
    port: IntOrString | None = field(2, None)
    end_port: Int32 | None = field(3, None)


class NetworkPolicyPeer(Model):
    """The other end: pods, namespaces or addresses."""

    pod_selector: LabelSelector | None = field(1, None)
    namespace_selector: LabelSelector | None = field(2, None)
    ip_block: IPBlock | None = field(3, None)


class NetworkPolicyIngressRule(Model):
    """Traffic that the pods accept."""

    ports: tuple[NetworkPolicyPort, ...] = field(1, (), list_type="atomic")
    from_: tuple[NetworkPolicyPeer, ...] = field(2, (), json="from", list_type="atomic")


class NetworkPolicyEgressRule(Model):
    """Traffic that the pods may send."""

    ports: tuple[NetworkPolicyPort, ...] = field(1, (), list_type="atomic")
    to: tuple[NetworkPolicyPeer, ...] = field(2, (), list_type="atomic")


class NetworkPolicySpec(Model):
    """The pods that a policy is for, and its rules."""

    pod_selector: LabelSelector = field(1, LabelSelector, required=True)
    ingress: tuple[NetworkPolicyIngressRule, ...] = field(2, (), list_type="atomic")
    egress: tuple[NetworkPolicyEgressRule, ...] = field(3, (), list_type="atomic")
    policy_types: tuple[str, ...] = field(4, (), list_type="atomic")


class NetworkPolicy(Object):
    """Which traffic pods accept and send."""

    api_version: str = field(None, "networking.k8s.io/v1", required=True)
    kind: str = field(None, "NetworkPolicy", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NetworkPolicySpec = field(2, NetworkPolicySpec)
