"""Which container a request means, and what the kubelet of its node is asked for."""

from __future__ import annotations

from typing import Any

import pytest
from multidict import MultiDict

from apiserver.endpoints.containers import DEFAULT_CONTAINER, chosen
from apiserver.endpoints.streams import attach_location, exec_location, node_of, port_forward_location
from machinery.api.errors import BadRequest


def pod(*names: str, default: str = "", **spec: Any) -> dict[str, Any]:
    meta = {"name": "p", "namespace": "d", **({"annotations": {DEFAULT_CONTAINER: default}} if default else {})}
    return {"metadata": meta, "spec": {"containers": [{"name": name} for name in names], **spec}}


GUEST = {"ephemeralContainers": [{"name": "guest"}], "initContainers": [{"name": "init"}]}


@pytest.mark.parametrize(
    ("document", "wanted", "expected"),
    [
        (pod("a"), "", "a"),
        (pod("a", "b"), "b", "b"),
        (pod("a", "b", default="b"), "", "b"),
        (pod("a", "b", default="b"), "a", "a"),
        (pod("a", **GUEST), "guest", "guest"),
        (pod("a", **GUEST), "init", "init"),
    ],
)
def test_containers(document: dict[str, Any], wanted: str, expected: str) -> None:
    assert chosen(document, wanted) == expected


@pytest.mark.parametrize(
    ("document", "wanted", "message"),
    [
        (pod("a"), "z", "container z is not valid for pod p"),
        (pod("a", "b"), "", r"a container name must be specified for pod p, choose one of: \[a b\]$"),
        (pod("a", "b", default="z"), "", r"choose one of: \[a b\]"),
        (pod("a", "b", **GUEST), "", r"choose one of: \[a b\] or one of the init containers: \[init\]$"),
    ],
)
def test_no_container(document: dict[str, Any], wanted: str, message: str) -> None:
    with pytest.raises(BadRequest, match=message):
        chosen(document, wanted)


def test_locations() -> None:
    words = [("command", "sh"), ("command", "-c"), ("command", "a b&c"), ("stdin", "true"), ("stdout", "1")]
    query = MultiDict([*words, ("stderr", "false"), ("tty", "0")])
    assert exec_location(pod("a"), query) == "/exec/d/p/a?input=1&output=1&command=sh&command=-c&command=a+b%26c"
    assert attach_location(pod("a"), MultiDict(stdout="true")) == "/attach/d/p/a?output=1"
    assert port_forward_location(pod("a"), MultiDict()) == "/portForward/d/p"
    two = MultiDict([("ports", "80"), ("ports", "81")])
    assert port_forward_location(pod("a"), two) == "/portForward/d/p?ports=80%2C81"


def test_nodes() -> None:
    assert node_of(pod("a", nodeName="n")) == "n"
    with pytest.raises(BadRequest, match="pod p does not have a host assigned"):
        node_of(pod("a"))
