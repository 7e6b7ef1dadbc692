"""The cells of the tables beside pods', and the columns' agreement with the cells."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.registry.kinds import strategies
from apiserver.registry.strategy import Strategy
from machinery.api.model import Model

NOW = datetime(2026, 1, 1, 1, 0, tzinfo=UTC)
BORN = "2026-01-01T00:57:26Z"
STRATEGIES: dict[str, Strategy] = {each.kind: each for each in reversed(strategies(None, event_ttl=1))}  # type: ignore[arg-type]


def row(kind: str, obj: dict[str, Any], name: str = "x", **meta: Any) -> list[Any]:
    model: type[Model] = STRATEGIES[kind].model
    document = {"metadata": {"name": name, "creationTimestamp": BORN, **meta}, **obj}
    cells = STRATEGIES[kind].row(model.from_dict(document), NOW)
    assert len(cells) == len(STRATEGIES[kind].columns)
    return cells


@pytest.mark.parametrize("kind", STRATEGIES)
def test_every_kind_prints_its_emptiest_object(kind: str) -> None:
    row(kind, {})


def test_service() -> None:
    ports = [{"port": 80, "nodePort": 30008, "protocol": "TCP"}, {"port": 53, "protocol": "UDP"}]
    spec = {"type": "NodePort", "clusterIP": "10.96.0.9", "clusterIPs": ["10.96.0.9"], "ports": ports}
    assert row("Service", {"spec": {**spec, "selector": {"b": "2", "a": "1"}}}) == [
        "x", "NodePort", "10.96.0.9", "<none>", "80:30008/TCP,53/UDP", "2m34s", "a=1,b=2",
    ]  # fmt: skip
    balancer = {**spec, "type": "LoadBalancer"}
    assert row("Service", {"spec": balancer})[3] == "<pending>"
    status = {"loadBalancer": {"ingress": [{"ip": "1.2.3.4"}]}}
    assert row("Service", {"spec": balancer, "status": status})[3] == "1.2.3.4"


def test_node() -> None:
    status = {
        "conditions": [{"type": "Ready", "status": "True"}],
        "addresses": [{"type": "InternalIP", "address": "10.0.0.1"}],
        "nodeInfo": {"kubeletVersion": "v1.32.0", "osImage": "Debian", "kernelVersion": "6.1"},
    }
    labels = {"node-role.kubernetes.io/control-plane": "", "kubernetes.io/role": "extra"}
    assert row("Node", {"spec": {"unschedulable": True}, "status": status}, labels=labels) == [
        "x", "Ready,SchedulingDisabled", "control-plane,extra", "2m34s", "v1.32.0",
        "10.0.0.1", "<none>", "Debian", "6.1", "<unknown>",
    ]  # fmt: skip
    status["conditions"][0]["status"] = "Unknown"
    assert row("Node", {"status": status})[1:3] == ["NotReady", "<none>"]


def test_workloads() -> None:
    template = {"spec": {"containers": [{"name": "a", "image": "i:1"}, {"name": "b", "image": "j"}]}}
    spec = {"replicas": 3, "selector": {"matchLabels": {"app": "web"}}, "template": template}
    status = {"replicas": 2, "readyReplicas": 1, "updatedReplicas": 2, "availableReplicas": 1}
    assert row("Deployment", {"spec": spec, "status": status}) == [
        "x", "1/3", 2, 1, "2m34s", "a,b", "i:1,j", "app=web",
    ]  # fmt: skip
    del status["updatedReplicas"]
    assert row("ReplicaSet", {"spec": spec, "status": status}) == ["x", 3, 2, 1, "2m34s", "a,b", "i:1,j", "app=web"]


def test_endpoints_show_three() -> None:
    addresses = [{"ip": f"10.0.0.{i}"} for i in range(1, 6)]
    subsets = [{"addresses": addresses, "ports": [{"port": 80}]}]
    assert row("Endpoints", {"subsets": subsets})[1] == "10.0.0.1:80,10.0.0.2:80,10.0.0.3:80 + 2 more..."
    slice_ = {"addressType": "IPv4", "endpoints": [{"addresses": ["10.0.0.1"]}], "ports": [{"port": 80}]}
    assert row("EndpointSlice", slice_)[1:4] == ["IPv4", "80", "10.0.0.1"]
    assert row("EndpointSlice", {"addressType": "IPv4", "endpoints": []})[2:4] == ["<unset>", "<unset>"]


def test_event() -> None:
    event = {
        "type": "Warning", "reason": "BackOff", "message": "no \n", "count": 3,
        "involvedObject": {"kind": "Pod", "name": "web", "fieldPath": "spec.containers{c}"},
        "source": {"component": "kubelet", "host": "n1"},
        "firstTimestamp": "2026-01-01T00:50:00Z", "lastTimestamp": "2026-01-01T00:59:55Z",
    }  # fmt: skip
    assert row("Event", event) == [
        "5s", "Warning", "BackOff", "pod/web", "spec.containers{c}", "kubelet, n1", "no", "10m", 3, "x",
    ]  # fmt: skip


def test_counts_and_holders() -> None:
    assert row("ConfigMap", {"data": {"a": "1"}, "binaryData": {"b": "AA=="}})[1] == 2
    assert row("Secret", {"type": "Opaque", "data": {"a": "AA=="}})[1:3] == ["Opaque", 1]
    assert row("Lease", {"spec": {"holderIdentity": "me"}})[1] == "me"
    assert row("Namespace", {"status": {"phase": "Active"}})[1] == "Active"
