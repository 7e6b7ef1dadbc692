"""NetworkPolicy: which traffic pods accept and send. Real Kubernetes: pkg/registry/networking/networkpolicy."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked, optional_one_of
from apiserver.registry.field_checks import one_of
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import labels, names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.networking.v1 import IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort

_PROTOCOLS = ("TCP", "UDP", "SCTP")
_TYPES = ("Ingress", "Egress")


class NetworkPolicyStrategy(Strategy):
    """See the module."""

    api_version = "networking.k8s.io/v1"
    kind = "NetworkPolicy"
    has_generation = True
    columns = columns("Name, Pod-Selector, Age")

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        for rule in (*spec.get("ingress", ()), *spec.get("egress", ())):
            for port in rule.get("ports", ()):
                port.setdefault("protocol", "TCP")
        if not spec.get("policyTypes"):
            spec["policyTypes"] = ["Ingress", *(["Egress"] if spec.get("egress") else [])]

    def validate(self, obj: NetworkPolicy) -> list[FieldError]:
        spec = obj.spec
        found = label_selector_errors(spec.pod_selector, "spec.podSelector")
        for index, rule in enumerate(spec.ingress):
            found += _rule_errors(f"spec.ingress[{index}]", rule.ports, "from", rule.from_)
        for index, rule in enumerate(spec.egress):
            found += _rule_errors(f"spec.egress[{index}]", rule.ports, "to", rule.to)
        if len(spec.policy_types) > len(_TYPES):
            why = "may not specify more than two policyTypes"
            return [*found, FieldError.invalid("spec.policyTypes", list(spec.policy_types), why)]
        for index, word in enumerate(spec.policy_types):
            found += one_of(f"spec.policyTypes[{index}]", word, _TYPES)
        return found

    def row(self, obj: NetworkPolicy, now: datetime) -> list[Any]:
        selector = str(labels.from_label_selector(obj.spec.pod_selector)) or "<none>"
        return [obj.metadata.name, selector, age(obj.metadata.creation_timestamp, now)]


def _rule_errors(path: str, ports: Any, side: str, peers: Any) -> list[FieldError]:
    found = []
    for index, port in enumerate(ports):
        found += _port_errors(port, f"{path}.ports[{index}]")
    for index, peer in enumerate(peers):
        found += _peer_errors(peer, f"{path}.{side}[{index}]")
    return found


def _port_errors(row: NetworkPolicyPort, path: str) -> list[FieldError]:
    found = optional_one_of(f"{path}.protocol", row.protocol, _PROTOCOLS)
    port, end, where = row.port, row.end_port, f"{path}.endPort"
    if isinstance(port, int):
        found += [FieldError.invalid(f"{path}.port", port, why) for why in names.port_number(port)]
        if end is not None:
            why = ["must be greater than or equal to `port`"] if end < port else []
            found += [FieldError.invalid(where, end, each) for each in (*why, *names.port_number(end))]
        return found
    if end is not None:
        why = "non-numeric" if port is not None else "not specified"
        found.append(FieldError.invalid(where, end, f"may not be specified when `port` is {why}"))
    return found + (checked(f"{path}.port", port, names.port_name) if port is not None else [])


def _peer_errors(peer: NetworkPolicyPeer, path: str) -> list[FieldError]:
    found = label_selector_errors(peer.pod_selector, f"{path}.podSelector")
    found += label_selector_errors(peer.namespace_selector, f"{path}.namespaceSelector")
    selects = peer.pod_selector is not None or peer.namespace_selector is not None
    if peer.ip_block is not None:
        found += _block_errors(peer.ip_block, f"{path}.ipBlock")
        if selects:
            found.append(FieldError.forbidden(path, "may not specify both ipBlock and another peer"))
    elif not selects:
        found.append(FieldError.required(path, "must specify a peer"))
    return found


def _block_errors(block: IPBlock, path: str) -> list[FieldError]:
    if not block.cidr:
        return [FieldError.required(f"{path}.cidr")]
    if found := checked(f"{path}.cidr", block.cidr, names.cidr):
        return found
    whole = ipaddress.ip_network(block.cidr, strict=False)
    for index, text in enumerate(block.except_):
        where = f"{path}.except[{index}]"
        if bad := checked(where, text, names.cidr):
            found += bad
            continue
        part = ipaddress.ip_network(text, strict=False)
        if part.version != whole.version or not part.subnet_of(whole) or part == whole:
            found.append(FieldError.invalid(where, text, "must be a strict subset of `cidr`"))
    return found
