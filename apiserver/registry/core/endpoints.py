"""Endpoints: the addresses behind a Service, in one object. Real Kubernetes: pkg/registry/core/endpoint."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names
from machinery.api.core.v1 import EndpointAddress, Endpoints, EndpointSubset
from machinery.api.errors import FieldError

_SHOWN = 3
_PROTOCOLS = ("SCTP", "TCP", "UDP")


class EndpointsStrategy(Strategy):
    """See the module."""

    kind = "Endpoints"
    allow_create_on_update = True
    columns = columns("Name, Endpoints, Age")

    def default(self, obj: Doc) -> None:
        for subset in obj.get("subsets", []):
            for port in subset.get("ports", []):
                port["protocol"] = port.get("protocol") or "TCP"

    def validate(self, obj: Endpoints) -> list[FieldError]:
        found = []
        for index, subset in enumerate(obj.subsets):
            found += _subset_errors(subset, f"subsets[{index}]")
        return found

    def row(self, obj: Endpoints, now: datetime) -> list[Any]:
        return [obj.metadata.name, shown(obj), age(obj.metadata.creation_timestamp, now)]


def shown(endpoints: Endpoints) -> str:
    """The first few as host:port."""
    if not endpoints.subsets:
        return "<none>"
    pairs = [
        f"{_host(address.ip)}:{port.port}"
        for subset in endpoints.subsets
        for port in subset.ports
        for address in subset.addresses
    ]
    pairs += [address.ip for subset in endpoints.subsets if not subset.ports for address in subset.addresses]
    text = ",".join(pairs[:_SHOWN])
    return f"{text} + {len(pairs) - _SHOWN} more..." if len(pairs) > _SHOWN else text


def _host(ip: str) -> str:
    return f"[{ip}]" if ":" in ip else ip


def _subset_errors(subset: EndpointSubset, path: str) -> list[FieldError]:
    found = []
    if not subset.addresses and not subset.not_ready_addresses:
        found.append(FieldError.required(path, "must specify `addresses` or `notReadyAddresses`"))
    for field, addresses in (("addresses", subset.addresses), ("notReadyAddresses", subset.not_ready_addresses)):
        for index, address in enumerate(addresses):
            found += _address_errors(address, f"{path}.{field}[{index}]")
    for index, port in enumerate(subset.ports):
        where = f"{path}.ports[{index}]"
        if len(subset.ports) > 1 and not port.name:
            found.append(FieldError.required(f"{where}.name"))
        found += [FieldError.invalid(f"{where}.port", port.port, why) for why in names.port_number(port.port)]
        if port.protocol not in _PROTOCOLS:
            found.append(FieldError.not_supported(f"{where}.protocol", port.protocol, _PROTOCOLS))
    return found


def _address_errors(address: EndpointAddress, path: str) -> list[FieldError]:
    found = [FieldError.invalid(f"{path}.ip", address.ip, why) for why in names.ip(address.ip)]
    if address.hostname:
        found += [
            FieldError.invalid(f"{path}.hostname", address.hostname, why) for why in names.dns_label(address.hostname)
        ]
    return found
