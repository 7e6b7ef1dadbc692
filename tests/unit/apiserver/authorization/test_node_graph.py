"""What nodes need follows their pods."""

from __future__ import annotations

from typing import Any

import orjson

from apiserver.authorization.node_graph import Item, NodeGraph, references
from tests.support.tokens import Entry


class Pods:
    """Stands for the Cacher of pods."""

    def __init__(self) -> None:
        self.entries: dict[str, Entry] = {}
        self.graph = NodeGraph(self)

    def follow(self, follower: Any) -> None:
        self.follower = follower

    def put(self, name: str, node: str = "", **spec: Any) -> None:
        body = {"metadata": {"name": name, "namespace": "n"}, "spec": {"nodeName": node, **spec}}
        entry = Entry(f"/registry/pods/n/{name}", 1, orjson.dumps(body), fields={"spec.nodeName": node})
        self.follower(self.entries.get(name), entry)
        self.entries[name] = entry

    def remove(self, name: str) -> None:
        self.follower(self.entries.pop(name), None)

    def need(self, node: str, name: str) -> bool:
        return self.graph.needs(node, Item("secrets", "n", name))


def with_secret(name: str, field: str = "containers") -> dict[str, Any]:
    return {field: [{"name": "c", "envFrom": [{"secretRef": {"name": name}}]}]}


def test_only_the_node_of_the_pod_needs_it() -> None:
    pods = Pods()
    pods.put("a", **with_secret("s"))
    assert not pods.need("n1", "s")
    pods.put("a", "n1", **with_secret("s"))
    assert pods.need("n1", "s") and not pods.need("n2", "s") and not pods.need("n1", "other")


def test_the_last_pod_takes_it_along() -> None:
    pods = Pods()
    pods.put("a", "n1", **with_secret("s"))
    pods.put("b", "n1", **with_secret("s"))
    pods.remove("a")
    assert pods.need("n1", "s")
    pods.remove("b")
    assert not pods.need("n1", "s") and pods.graph._needed == {} and pods.graph._of_pod == {}


def test_a_debugging_container_adds_to_it() -> None:
    pods = Pods()
    pods.put("a", "n1", **with_secret("s"))
    pods.put("a", "n1", **with_secret("s"), **with_secret("late", "ephemeralContainers"))
    assert pods.need("n1", "s") and pods.need("n1", "late")


def test_every_way_to_refer() -> None:
    volumes = [
        {"name": "a", "secret": {"secretName": "s1"}}, {"name": "b", "configMap": {"name": "c1"}},
        {"name": "c", "projected": {"sources": [{"secret": {"name": "s2"}}, {"configMap": {"name": "c2"}}]}},
        {"name": "d", "persistentVolumeClaim": {"claimName": "p1"}}, {"name": "e", "ephemeral": {}},
        {"name": "f", "csi": {"driver": "d", "nodePublishSecretRef": {"name": "s3"}}},
    ]  # fmt: skip
    environment = [
        {"name": "A", "valueFrom": {"secretKeyRef": {"name": "s4"}}},
        {"name": "B", "valueFrom": {"configMapKeyRef": {"name": "c3"}}}, {"name": "C", "value": "plain"},
    ]  # fmt: skip
    spec = {
        "volumes": volumes, "imagePullSecrets": [{"name": "s5"}], "serviceAccountName": "robot",
        "initContainers": [{"name": "i", "env": environment}],
        "containers": [{"name": "c", "envFrom": [{"configMapRef": {"name": "c4"}}]}],
    }  # fmt: skip
    pod = {"metadata": {"name": "w", "namespace": "n"}, "spec": spec}
    found = {(item.plural, item.name) for item in references(pod)}
    assert found == {
        *(("secrets", f"s{number}") for number in range(1, 6)), *(("configmaps", f"c{n}") for n in range(1, 5)),
        ("persistentvolumeclaims", "p1"), ("persistentvolumeclaims", "w-e"), ("serviceaccounts", "robot"),
    }  # fmt: skip


def test_a_mirror_pod_needs_nothing_of_the_api() -> None:
    meta = {"name": "w", "namespace": "n", "annotations": {"kubernetes.io/config.mirror": "x"}}
    assert list(references({"metadata": meta, "spec": with_secret("s")})) == []
