"""Ingress, IngressClass, NetworkPolicy (k8s.io/api `networking/v1`)."""

from typing import ClassVar

from machinery.api.core.v1.reference import TypedLocalObjectReference
from machinery.api.meta.v1 import LabelSelector, ObjectMeta
from machinery.api.model import Int32, IntOrString, Model, Object, field


class ServiceBackendPort(Model):
    """A service's port by name or number."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    """The port's name in the service. Set this or number."""
    number: Int32 = field(2, 0)
    """The port's number in the service."""


class IngressServiceBackend(Model):
    """A service and its port."""

    name: str = field(1, "", required=True)
    """The service, in the namespace of the ingress."""
    port: ServiceBackendPort = field(2, ServiceBackendPort)
    """Which of its ports to send to."""


class IngressBackend(Model):
    """Where traffic goes: a service's port, or a resource."""

    service: IngressServiceBackend | None = field(4, None)
    """A service of the namespace. Set this or resource."""
    resource: TypedLocalObjectReference | None = field(3, None)
    """Any other object of the namespace that the controller can send to, such as a bucket of files."""


class HTTPIngressPath(Model):
    """A path and the backend behind it."""

    path: str = field(1, "")
    """The beginning of the URL's path, or all of it; starts with a slash."""
    path_type: str | None = field(3, None, required=True)
    """Exact, Prefix (compared element by element) or ImplementationSpecific: as the controller likes."""
    backend: IngressBackend = field(2, IngressBackend, required=True)
    """Where requests for this path go."""


class HTTPIngressRuleValue(Model):
    """The paths of a host."""

    paths: tuple[HTTPIngressPath, ...] = field(1, (), required=True, list_type="atomic")
    """Paths and where they lead. The longest that matches wins."""


class IPBlock(Model):
    """A range of addresses, with exceptions."""

    cidr: str = field(1, "", required=True)
    """The range, such as 10.0.0.0/8 or 2001:db8::/64."""
    except_: tuple[str, ...] = field(2, (), json="except", list_type="atomic")
    """Ranges inside it that do not belong to it."""


class IngressTLS(Model):
    """A certificate and the hosts that it is for."""

    hosts: tuple[str, ...] = field(1, (), list_type="atomic")
    """The host names in the certificate; any host if not said."""
    secret_name: str = field(2, "")
    """The Secret with the keys tls.crt and tls.key."""


class IngressRuleValue(Model):
    """What a rule leads to."""

    http: HTTPIngressRuleValue | None = field(1, None)
    """Where requests for this host go, by path."""


class IngressRule(IngressRuleValue, inline=2):
    """A host and its paths."""

    host: str = field(1, "")
    """A full host name, or one with a wildcard such as *.example.com; any host if not said."""


class IngressSpec(Model):
    """The class, rules, certificates and default backend of an ingress."""

    ingress_class_name: str | None = field(4, None)
    """The IngressClass, and so the controller, that looks after this; the default class if not said."""
    default_backend: IngressBackend | None = field(1, None)
    """Where requests go that match no rule. Without rules it is required."""
    tls: tuple[IngressTLS, ...] = field(2, (), list_type="atomic")
    """Certificates for encrypted traffic on port 443."""
    rules: tuple[IngressRule, ...] = field(3, (), list_type="atomic")
    """Which host and path lead where."""


class IngressPortStatus(Model):
    """One port of an ingress, or why it has none."""

    port: Int32 = field(1, 0, required=True)
    """The port's number."""
    protocol: str = field(2, "", required=True)
    """TCP, UDP or SCTP."""
    error: str | None = field(3, None)
    """What keeps this port from working, in CamelCase; not set if it works."""


class IngressLoadBalancerIngress(Model):
    """One address where an ingress takes traffic."""

    ip: str = field(1, "")
    """The IP address, where the balancer has one."""
    hostname: str = field(2, "")
    """The host name, where the balancer has one."""
    ports: tuple[IngressPortStatus, ...] = field(4, (), list_type="atomic")
    """The ports that it listens on."""


class IngressLoadBalancerStatus(Model):
    """Where an ingress takes traffic."""

    ingress: tuple[IngressLoadBalancerIngress, ...] = field(1, (), list_type="atomic")
    """The addresses at which clients reach it."""


class IngressStatus(Model):
    """Where an ingress takes traffic."""

    load_balancer: IngressLoadBalancerStatus = field(1, IngressLoadBalancerStatus)
    """Where the balancer can be reached."""


class Ingress(Object):
    """Which HTTP hosts and paths lead to which services."""

    api_version: str = field(None, "networking.k8s.io/v1", required=True)
    kind: str = field(None, "Ingress", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: IngressSpec = field(2, IngressSpec)
    """What is wanted."""
    status: IngressStatus = field(3, IngressStatus)
    """What the controller made of it."""


class IngressClassParametersReference(Model):
    """The object that holds an ingress class's parameters."""

    api_group: str | None = field(1, None)
    """The API group of that object; the core group if not said."""
    kind: str = field(2, "", required=True)
    """The kind of that object."""
    name: str = field(3, "", required=True)
    """The name of that object."""
    scope: str | None = field(4, None, required=True, optional=True)
    """Cluster (the default), or Namespace for an object inside one."""
    namespace: str | None = field(5, None)
    """The namespace of that object. Required with the scope Namespace, else forbidden."""


class IngressClassSpec(Model):
    """The controller and parameters of an ingress class."""

    controller: str = field(1, "")
    """The controller's name, such as example.com/ingress. It cannot be changed."""
    parameters: IngressClassParametersReference | None = field(2, None)
    """An object with further settings for the controller."""


class IngressClass(Object):
    """A kind of ingress, and the controller that implements it."""

    api_version: str = field(None, "networking.k8s.io/v1", required=True)
    kind: str = field(None, "IngressClass", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: IngressClassSpec = field(2, IngressClassSpec)
    """Who looks after ingresses of this class, and with which settings."""


class NetworkPolicyPort(Model):
    """A port, or a range of them."""

    protocol: str | None = field(1, None)
    """TCP (the default), UDP or SCTP."""
    port: IntOrString | None = field(2, None)
    """A number, or the name of a port of the pods; every port if not said."""
    end_port: Int32 | None = field(3, None)
    """The end of a range that begins at port, which must then be a number not above this."""


class NetworkPolicyPeer(Model):
    """The other end: pods, namespaces or addresses."""

    pod_selector: LabelSelector | None = field(1, None)
    """Pods with these labels; in the policy's own namespace unless namespaceSelector names others."""
    namespace_selector: LabelSelector | None = field(2, None)
    """Namespaces with these labels: all pods in them, or only those that podSelector chooses."""
    ip_block: IPBlock | None = field(3, None)
    """Addresses, most often outside the cluster. It stands alone."""


class NetworkPolicyIngressRule(Model):
    """Traffic that the pods accept."""

    ports: tuple[NetworkPolicyPort, ...] = field(1, (), list_type="atomic")
    """The ports of the pods that may be reached; all of them if empty."""
    from_: tuple[NetworkPolicyPeer, ...] = field(2, (), json="from", list_type="atomic")
    """Who may reach them: any of these; everybody if empty."""


class NetworkPolicyEgressRule(Model):
    """Traffic that the pods may send."""

    ports: tuple[NetworkPolicyPort, ...] = field(1, (), list_type="atomic")
    """The ports that may be reached elsewhere; all of them if empty."""
    to: tuple[NetworkPolicyPeer, ...] = field(2, (), list_type="atomic")
    """Whom the pods may reach: any of these; everybody if empty."""


class NetworkPolicySpec(Model):
    """The pods that a policy is for, and its rules."""

    pod_selector: LabelSelector = field(1, LabelSelector, required=True)
    """The labels of the pods that it is for; empty for all pods of the namespace."""
    ingress: tuple[NetworkPolicyIngressRule, ...] = field(2, (), list_type="atomic")
    """What may come in: whatever any rule of any policy allows. With no rule, nothing."""
    egress: tuple[NetworkPolicyEgressRule, ...] = field(3, (), list_type="atomic")
    """What may go out: whatever any rule of any policy allows. With no rule, nothing."""
    policy_types: tuple[str, ...] = field(4, (), list_type="atomic")
    """Which directions it limits: Ingress, Egress or both. If not said, Ingress, and Egress if it has such rules."""


class NetworkPolicy(Object):
    """Which traffic pods accept and send."""

    api_version: str = field(None, "networking.k8s.io/v1", required=True)
    kind: str = field(None, "NetworkPolicy", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: NetworkPolicySpec = field(2, NetworkPolicySpec)
    """Which pods, and what they may receive and send."""
