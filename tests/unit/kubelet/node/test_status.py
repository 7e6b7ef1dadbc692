"""The node as the API shows it."""

from __future__ import annotations

import pytest

from kubelet.config import Config
from kubelet.node.facts import Machine, memory_bytes, os_image
from kubelet.node.status import new_node, node_status, parse_taint, ready_condition, troubles, without_times
from kubelet.runtime.interface import Image, RuntimeCondition, RuntimeVersion
from machinery.api.core.v1 import NodeStatus, Taint
from machinery.api.quantity import canonical
from tests.support.runs import NOW, ago

CONFIG = Config(node_name="worker-1", node_ip="10.0.0.5", node_labels={"disk": "ssd"},
                register_with_taints=("node-role.kubernetes.io/control-plane=:NoSchedule",))
MACHINE = Machine(4, 8 << 30, 100 << 30, "m", "s", "b", "6.1", "Debian", "amd64", "host")
WELL = (RuntimeCondition("RuntimeReady", True), RuntimeCondition("NetworkReady", True))
NO_NETWORK = RuntimeCondition("NetworkReady", False, "NetworkPluginNotReady", "cni plugin not initialized")


def status(conditions=WELL, old: NodeStatus | None = None, now=NOW, images: tuple[Image, ...] = ()) -> NodeStatus:
    return node_status(CONFIG, MACHINE, RuntimeVersion("containerd", "1.6.20"), observed=(conditions, images),
                       old=old or NodeStatus(), now=now)


def test_a_new_node() -> None:
    node = new_node(CONFIG, MACHINE)
    assert node.metadata.labels["kubernetes.io/hostname"] == "worker-1" and node.metadata.labels["disk"] == "ssd"
    assert node.metadata.labels["kubernetes.io/arch"] == "amd64" and node.metadata.labels["kubernetes.io/os"] == "linux"
    assert node.spec.taints == (Taint(key="node-role.kubernetes.io/control-plane", effect="NoSchedule"),)


@pytest.mark.parametrize(("text", "taint"), [
    ("k=v:NoExecute", Taint(key="k", value="v", effect="NoExecute")),
    ("k:NoSchedule", Taint(key="k", effect="NoSchedule")),
])
def test_taints(text: str, taint: Taint) -> None:
    assert parse_taint(text) == taint


def test_what_the_machine_has() -> None:
    found = status(images=(Image("a", ("a:1",), ("a@sha256:1",), 5), Image("b", ("b:1",), (), 9)))
    assert found.capacity == {"cpu": "4", "ephemeral-storage": "100Gi", "memory": "8Gi", "pods": "110"}
    assert found.allocatable["memory"] == "8092Mi" and found.allocatable["ephemeral-storage"] == "96636764160"
    assert [(a.type, a.address) for a in found.addresses] == [("InternalIP", "10.0.0.5"), ("Hostname", "worker-1")]
    assert found.node_info.container_runtime_version == "containerd://1.6.20"
    assert found.daemon_endpoints.kubelet_endpoint.port == 10250
    assert [image.names for image in found.images] == [("b:1",), ("a@sha256:1", "a:1")]


@pytest.mark.parametrize(("conditions", "message"), [
    (WELL, "kubelet is posting ready status"),
    ((), "container runtime is down"),
    ((WELL[0], NO_NETWORK), "container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady "
                            "message:cni plugin not initialized"),
    ((RuntimeCondition("RuntimeReady", False, "R", "M"), NO_NETWORK),
     "[container runtime network not ready: NetworkReady=false reason:NetworkPluginNotReady message:cni plugin not "
     "initialized, container runtime not ready: RuntimeReady=false reason:R message:M]"),
])
def test_readiness(conditions, message: str) -> None:
    found = ready_condition(conditions)
    assert found.message == message
    assert found.status == ("False" if troubles(conditions) else "True")


def test_a_heartbeat_is_no_change() -> None:
    before = status(now=ago(10))
    after = status(old=before)
    assert after != before and without_times(after) == without_times(before)
    assert {c.last_transition_time for c in after.conditions} == {ago(10)}
    broken = status((WELL[0], NO_NETWORK), old=before)
    assert without_times(broken) != without_times(before)
    assert {c.type: c.last_transition_time for c in broken.conditions}["Ready"] == NOW


def test_reading_the_machine() -> None:
    assert memory_bytes("MemTotal:       16 kB\nMemFree: 1 kB\n") == 16384
    assert os_image('NAME=x\nPRETTY_NAME="Debian GNU/Linux 12"\n') == "Debian GNU/Linux 12"


def test_amounts_are_said_as_the_api_says_them() -> None:
    """Else each look would find a difference, and write."""
    found = status(images=())
    for amounts in (found.capacity, found.allocatable):
        assert amounts == {name: canonical(amount) for name, amount in amounts.items()}
