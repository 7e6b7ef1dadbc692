"""NetworkPolicy: defaults, mistakes, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.networking.network_policy import NetworkPolicyStrategy
from tests.support.cluster_samples import sample
from tests.support.registry import created, errors_of, row_of

STRATEGY = NetworkPolicyStrategy()


def test_defaults() -> None:
    made = created(STRATEGY, sample("NetworkPolicy").document())
    assert made["spec"]["ingress"] == [{"ports": [{"port": 80, "protocol": "TCP"}]}]
    assert made["spec"]["policyTypes"] == ["Ingress"] and made["metadata"]["generation"] == 1
    outwards = created(STRATEGY, {"spec": {"podSelector": {}, "egress": [{}]}})
    assert outwards["spec"]["policyTypes"] == ["Ingress", "Egress"]


def block(**fields: Any) -> dict[str, Any]:
    return {"ingress": [{"from": [{"ipBlock": fields}]}]}


def port(**fields: Any) -> dict[str, Any]:
    return {"egress": [{"ports": [fields]}]}


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        (block(cidr="10.0.0.0/8", **{"except": ["10.1.0.0/16"]}), ""),
        (block(cidr=""), "spec.ingress[0].from[0].ipBlock.cidr: Required value"),
        (block(cidr="10.0.0.0"), 'spec.ingress[0].from[0].ipBlock.cidr: Invalid value: "10.0.0.0": must be a valid CI'),
        (
            block(cidr="10.0.0.0/8", **{"except": ["11.0.0.0/16"]}),
            'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "11.0.0.0/16": must be a strict subset of `cidr',
        ),
        (
            block(cidr="10.0.0.0/8", **{"except": ["10.0.0.0/8"]}),
            'spec.ingress[0].from[0].ipBlock.except[0]: Invalid value: "10.0.0.0/8": must be a strict subset of `cidr`',
        ),
        ({"egress": [{"to": [{}]}]}, "spec.egress[0].to[0]: Required value: must specify a peer"),
        (
            {"egress": [{"to": [{"podSelector": {}, "ipBlock": {"cidr": "10.0.0.0/8"}}]}]},
            "spec.egress[0].to[0]: Forbidden: may not specify both ipBlock and another peer",
        ),
        (port(protocol="ICMP"), 'spec.egress[0].ports[0].protocol: Unsupported value: "ICMP": supported values: "TCP"'),
        (port(port=0), "spec.egress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive"),
        (port(port="-"), 'spec.egress[0].ports[0].port: Invalid value: "-": must contain at least one letter'),
        (
            port(port=80, endPort=79),
            "spec.egress[0].ports[0].endPort: Invalid value: 79: must be greater than or equal to `port`",
        ),
        (
            port(port="http", endPort=80),
            "spec.egress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is non-numeric",
        ),
        (
            port(endPort=80),
            "spec.egress[0].ports[0].endPort: Invalid value: 80: may not be specified when `port` is not specified",
        ),
        ({"policyTypes": ["Odd"]}, 'spec.policyTypes[0]: Unsupported value: "Odd": supported values: "Ingress", "Egre'),
        ({"policyTypes": ["Ingress"] * 3}, "spec.policyTypes: Invalid value"),
        ({"podSelector": {"matchLabels": {"a b": "c"}}}, 'spec.podSelector.matchLabels: Invalid value: "a b"'),
    ],
)  # fmt: skip
def test_mistakes(spec: dict[str, Any], expected: str) -> None:
    found = errors_of(STRATEGY, {"spec": {"podSelector": {}, **spec}})
    assert any(error.startswith(expected) for error in found) if expected else found == []


def test_rows() -> None:
    assert row_of(STRATEGY, {"spec": {"podSelector": {}}}) == ["x", "<none>", "2m34s"]
    assert row_of(STRATEGY, {"spec": {"podSelector": {"matchLabels": {"a": "b"}}}})[1] == "a=b"
