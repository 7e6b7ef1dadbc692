"""EndpointSlice: a slice of the addresses behind a Service. Real Kubernetes: pkg/registry/discovery/endpointslice."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.discovery.v1 import Endpoint, EndpointSlice
from machinery.api.errors import FieldError

_SHOWN = 3
_ADDRESS_TYPES = ("FQDN", "IPv4", "IPv6")
_PROTOCOLS = ("SCTP", "TCP", "UDP")


class EndpointSliceStrategy(Strategy):
    """See the module."""

    api_version = "discovery.k8s.io/v1"
    kind = "EndpointSlice"
    columns = columns("Name, AddressType, Ports, Endpoints, Age")

    def default(self, obj: Doc) -> None:
        for port in obj.get("ports", []):
            port.setdefault("name", "")
            port.setdefault("protocol", "TCP")

    def prepare_for_create(self, obj: Doc) -> None:
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        self.count_generation(obj, old)

    def validate(self, obj: EndpointSlice) -> list[FieldError]:
        found = []
        if not obj.address_type:
            found.append(FieldError.required("addressType"))
        elif obj.address_type not in _ADDRESS_TYPES:
            found.append(FieldError.not_supported("addressType", obj.address_type, _ADDRESS_TYPES))
        if len(obj.endpoints) > 1000:
            found.append(FieldError.too_many("endpoints", len(obj.endpoints), 1000))
        for index, endpoint in enumerate(obj.endpoints):
            found += _endpoint_errors(endpoint, f"endpoints[{index}]")
        return found + _port_errors(obj)

    def validate_update(self, obj: EndpointSlice, old: EndpointSlice) -> list[FieldError]:
        changed = obj.address_type != old.address_type
        return self.validate(obj) + ([FieldError.immutable("addressType", obj.address_type)] if changed else [])

    def row(self, obj: EndpointSlice, now: datetime) -> list[Any]:
        ports = [str(port.port) if port.port is not None else "*" for port in obj.ports]
        addresses = [address for endpoint in obj.endpoints for address in endpoint.addresses]
        when = age(obj.metadata.creation_timestamp, now)
        return [obj.metadata.name, obj.address_type, _first_few(ports), _first_few(addresses), when]


def _first_few(texts: list[str]) -> str:
    if not texts:
        return "<unset>"
    text = ",".join(texts[:_SHOWN])
    return f"{text} + {len(texts) - _SHOWN} more..." if len(texts) > _SHOWN else text


def _endpoint_errors(endpoint: Endpoint, path: str) -> list[FieldError]:
    found = []
    if not endpoint.addresses:
        found.append(FieldError.required(f"{path}.addresses", "must contain at least 1 address"))
    if endpoint.hostname is not None:
        found += [
            FieldError.invalid(f"{path}.hostname", endpoint.hostname, why)
            for why in names.dns_label(endpoint.hostname)
        ]
    return found


def _port_errors(obj: EndpointSlice) -> list[FieldError]:
    found, seen = [], set()
    for index, port in enumerate(obj.ports):
        path = f"ports[{index}]"
        if port.name in seen:
            found.append(FieldError.duplicate(f"{path}.name", port.name))
        seen.add(port.name)
        if port.name:
            found += [FieldError.invalid(f"{path}.name", port.name, why) for why in names.dns_label(port.name)]
        if port.protocol not in _PROTOCOLS:
            found.append(FieldError.not_supported(f"{path}.protocol", port.protocol, _PROTOCOLS))
    return found
