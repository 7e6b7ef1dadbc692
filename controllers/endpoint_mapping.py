"""Which pods stand behind a service, on which ports, and in which state. Shared by endpoints and endpointslice.

Pure. In Kubernetes: pkg/api/v1/pod, pkg/controller/endpoint and k8s.io/endpointslice. Left out: topology hints,
IPv6 and dual stack (one address family per cluster).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from controllers.pods import is_finished, is_ready
from machinery.api.core.v1 import ObjectReference, Pod, Service, ServicePort

HEADLESS_LABEL = "service.kubernetes.io/headless"


@dataclass(frozen=True, slots=True, order=True)
class Port:
    """One port of a service as it is on certain pods; a named target port may differ from pod to pod."""

    name: str
    protocol: str
    number: int
    app_protocol: str | None = None


@dataclass(frozen=True, slots=True)
class Address:
    """A pod behind a service. serving: it is ready, even if it is leaving. ready: to be sent new connections."""

    ip: str
    ready: bool
    serving: bool
    terminating: bool
    node_name: str
    hostname: str
    target: ObjectReference


Ports = tuple[Port, ...]


def map_service(service: Service, pods: Iterable[Pod]) -> dict[Ports, list[Address]]:
    """Addresses by the ports that they have in common, both in a fixed order."""
    groups: defaultdict[Ports, list[Address]] = defaultdict(list)
    for pod in sorted(pods, key=lambda pod: pod.metadata.name):
        if pod.status.pod_ip and not is_finished(pod):
            ports = ports_on(service, pod)
            if ports or is_headless(service):
                groups[ports].append(address_of(service, pod))
    return dict(sorted(groups.items(), key=lambda item: repr(item[0])))


def ports_on(service: Service, pod: Pod) -> Ports:
    """The service's ports as numbers on this pod; those that the pod does not name are left out."""
    found = ((port, target_port(pod, port)) for port in service.spec.ports)
    return tuple(
        Port(port.name, port.protocol or "TCP", number, port.app_protocol) for port, number in found if number
    )


def target_port(pod: Pod, port: ServicePort) -> int | None:
    """A number is itself (0 or nothing means the service's own port); a name is looked up in the containers."""
    if isinstance(port.target_port, int):
        return port.target_port or port.port
    if not port.target_port:
        return port.port
    sidecars = (c for c in pod.spec.init_containers if c.restart_policy == "Always")
    for container in (*pod.spec.containers, *sidecars):
        for candidate in container.ports:
            same_protocol = (candidate.protocol or "TCP") == (port.protocol or "TCP")
            if candidate.name == port.target_port and same_protocol:
                return candidate.container_port
    return None


def address_of(service: Service, pod: Pod) -> Address:
    """One pod as an address of the service."""
    serving, terminating = is_ready(pod), pod.metadata.deletion_timestamp is not None
    publish = service.spec.publish_not_ready_addresses
    in_domain = pod.spec.hostname and pod.spec.subdomain == service.metadata.name
    return Address(
        ip=pod.status.pod_ip,
        ready=publish or (serving and not terminating),
        serving=serving,
        terminating=terminating,
        node_name=pod.spec.node_name,
        hostname=pod.spec.hostname if in_domain else "",
        target=ObjectReference(
            kind="Pod", namespace=pod.metadata.namespace, name=pod.metadata.name, uid=pod.metadata.uid),
    )


def is_headless(service: Service) -> bool:
    """A service without an address of its own: DNS answers with the pods'."""
    return service.spec.cluster_ip == "None"


def labels_of(service: Service) -> dict[str, str]:
    """The labels that a service hands on to what describes its endpoints."""
    return service.metadata.labels | ({HEADLESS_LABEL: ""} if is_headless(service) else {})


def is_mapped(service: Service) -> bool:
    """Whether the pods behind it are ours to find: without a selector somebody else says it."""
    return bool(service.spec.selector) and service.spec.type != "ExternalName"


def selects(service: Service, pod: Pod) -> bool:
    """Whether the service's selector matches the pod's labels."""
    return is_mapped(service) and service.spec.selector.items() <= pod.metadata.labels.items()


def tells_something_new(old: Pod | None, new: Pod | None) -> bool:
    """Whether a pod's change can show in endpoints: most changes (restarts, annotations) cannot."""
    return old is None or new is None or _shown(old) != _shown(new)


def _shown(pod: Pod) -> tuple:
    meta = pod.metadata
    return (
        meta.uid, meta.labels, meta.deletion_timestamp is None, pod.status.pod_ip, is_ready(pod), is_finished(pod),
        pod.spec.node_name, pod.spec.hostname, pod.spec.subdomain,
    )
