"""Mistakes in configurations."""

from __future__ import annotations

from typing import Any

import pytest

from machinery.api.apply.shapes import struct
from machinery.api.apply.typed import check_config, mistakes
from machinery.api.core.v1 import Pod
from machinery.api.errors import BadRequest


@pytest.mark.parametrize(("document", "expected"), [
    ({"spec": {"priority": "high"}}, [".spec.priority: expected numeric (int or float), got string"]),
    ({"spec": {"priority": True}}, [".spec.priority: expected numeric (int or float), got bool"]),
    ({"spec": {"nodeName": 7}}, [".spec.nodeName: expected string, got &{7}"]),
    ({"spec": {"containers": {}}}, [".spec.containers: expected list, got &{map[]}"]),
    ({"spec": {"containers": [{"image": "x"}]}},
     ['.spec.containers: element 0: associative list with keys has an element that omits all key fields ["name"] '
      "(and doesn't have default values for any key fields)"]),
    ({"spec": {"containers": [{"name": "a"}, {"name": "a"}]}},
     ['.spec.containers: duplicate entries for key [name="a"]']),
    ({"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 1, "x": 2}]}]}},
     ['.spec.containers[name="a"].ports[containerPort=1,protocol="TCP"].x: field not declared in schema']),
    ({"spec": {"tolerations": [{"kee": "x"}]}}, [".spec.tolerations[0].kee: field not declared in schema"]),
    ({"metadata": {"labels": {"a": 1}}}, [".metadata.labels.a: expected string, got &{1}"]),
    ({"spec": {"containers": [{"name": "a", "resources": {"limits": {"cpu": 1}},
                               "livenessProbe": {"httpGet": {"port": "http"}}}]}}, []),
    ({"spec": {"nodeName": None, "containers": None, "priority": None}}, []),
])  # fmt: skip
def test_each_mistake_has_its_path(document: dict[str, Any], expected: list[str]) -> None:
    assert list(mistakes(document, struct(Pod))) == expected


def deep(levels: int) -> dict[str, Any]:
    value: dict[str, Any] = {}
    for _ in range(levels):
        value = {"a": value}
    return value


@pytest.mark.parametrize("part", [
    {"metadata": {"labels": {1: "x"}}}, {"spec": {"nodeName": "\ud800"}}, {"spec": {"priority": 2**80}},
    {"spec": {"containers": [{"name": "\ud800"}]}}, {"spec": deep(600)}, {"metadata": "text"}, {"spec": "text"},
    {"apiVersion": 7}, {"spec": {"containers": [{"name": "a", "ports": [{"containerPort": 2**80}]}]}},
])  # fmt: skip
def test_what_json_cannot_hold_is_the_clients_mistake(part: dict[str, Any]) -> None:
    with pytest.raises(BadRequest):
        check_config({"apiVersion": "v1", "kind": "Pod", **part}, Pod, "v1")


@pytest.mark.parametrize("config", [None, "text", [], 7, {}, {"kind": "Pod"}, {"apiVersion": "v1", "kind": "pod"}])
def test_what_is_no_pod_is_refused(config: Any) -> None:
    with pytest.raises(BadRequest):
        check_config(config, Pod, "v1")
