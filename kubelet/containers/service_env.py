"""Services as environment variables: REDIS_MASTER_SERVICE_HOST and the older docker-link names. Pure.

Real Kubernetes: kubelet/envvars/envvars.go. A container sees the services that existed when it started.
"""

from __future__ import annotations

from collections.abc import Iterable

from machinery.api.core.v1 import Service


def _name(text: str) -> str:
    return text.upper().replace("-", "_")


def _link_variables(prefix: str, service: Service) -> Iterable[tuple[str, str]]:
    ip = service.spec.cluster_ip
    host = f"[{ip}]" if ":" in ip else ip
    for index, port in enumerate(service.spec.ports):
        protocol = port.protocol or "TCP"
        url = f"{protocol.lower()}://{host}:{port.port}"
        if index == 0:
            yield f"{prefix}_PORT", url
        stem = f"{prefix}_PORT_{port.port}_{protocol.upper()}"
        yield stem, url
        yield f"{stem}_PROTO", protocol.lower()
        yield f"{stem}_PORT", str(port.port)
        yield f"{stem}_ADDR", ip


def of_service(service: Service) -> Iterable[tuple[str, str]]:
    prefix = _name(service.metadata.name)
    yield f"{prefix}_SERVICE_HOST", service.spec.cluster_ip
    yield f"{prefix}_SERVICE_PORT", str(service.spec.ports[0].port)
    for port in service.spec.ports:
        if port.name:
            yield f"{prefix}_SERVICE_PORT_{_name(port.name)}", str(port.port)
    yield from _link_variables(prefix, service)


def _visible(service: Service, namespace: str, links: bool) -> bool:
    """The pod's own namespace if it wants links; default/kubernetes always."""
    meta = service.metadata
    if service.spec.cluster_ip in ("", "None") or not service.spec.ports:
        return False
    return (links and meta.namespace == namespace) or (meta.namespace, meta.name) == ("default", "kubernetes")


def service_variables(services: Iterable[Service], namespace: str, *, links: bool = True) -> dict[str, str]:
    chosen = sorted(
        (service for service in services if _visible(service, namespace, links)),
        key=lambda service: (service.metadata.namespace == namespace, service.metadata.name),
    )
    return {name: text for service in chosen for name, text in of_service(service)}
