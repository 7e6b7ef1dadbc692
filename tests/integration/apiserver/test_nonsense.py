"""Thousands of ways to be wrong: every one is answered with a Status, none with a server error."""

from __future__ import annotations

import asyncio
import copy
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.apiserver.conftest import Api, deployment, pod

JUNK: tuple[Any, ...] = (
    None, "", 0, -1, 2**31, 2**63, 1.5, True, [], {}, [None], [[]], [{}], {"a": None}, {"": ""}, "x" * 300, "é", "0",
    "null", "\u0000", "../..", "a/b/c", "-5%", "999999999999999999Ei", {"name": None}, ["x", "x"],
)  # fmt: skip
PATCHES = ("merge-patch", "strategic-merge-patch", "json-patch")
REQUESTS = 400


def rich_pod() -> dict[str, Any]:
    made = pod("f", nodeName="n", tolerations=[{"key": "a", "operator": "Exists"}])
    made["spec"]["volumes"] = [{"name": "v", "secret": {"secretName": "s", "items": [{"key": "a", "path": "b"}]}}]
    made["spec"]["containers"][0] |= {
        "ports": [{"containerPort": 80}],
        "env": [{"name": "A", "valueFrom": {"fieldRef": {"fieldPath": "metadata.name"}}}],
        "resources": {"limits": {"cpu": "1"}},
        "livenessProbe": {"httpGet": {"port": 80}},
    }
    return made


BASES: dict[str, dict[str, Any]] = {
    "/api/v1/namespaces/{}/pods": rich_pod(),
    "/api/v1/namespaces/{}/services": {
        "metadata": {"name": "f"},
        "spec": {"type": "NodePort", "selector": {"a": "b"}, "ports": [{"port": 80, "targetPort": "http"}]},
    },
    "/apis/apps/v1/namespaces/{}/deployments": deployment("f", strategy={"rollingUpdate": {"maxSurge": "25%"}}),
    "/api/v1/namespaces/{}/secrets": {"metadata": {"name": "f"}, "data": {"a": "YQ=="}, "stringData": {"b": "c"}},
    "/api/v1/namespaces/{}/endpoints": {"metadata": {"name": "f"}, "subsets": [{"addresses": [{"ip": "1.2.3.4"}]}]},
    "/apis/coordination.k8s.io/v1/namespaces/{}/leases": {
        "metadata": {"name": "f"},
        "spec": {"leaseDurationSeconds": 1, "renewTime": "2026-01-01T00:00:00.000000Z"},
    },
    "/api/v1/nodes": {"metadata": {"name": "f"}, "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}]}},
}


def places(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The way to every value inside a document."""
    if path:
        yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def spoilt(draw: random.Random, document: dict[str, Any]) -> dict[str, Any]:
    """The document with one value that does not belong there."""
    result = copy.deepcopy(document)
    *way, last = draw.choice(list(places(result)))
    inside = result
    for step in way:
        inside = inside[step]
    inside[last] = copy.deepcopy(draw.choice(JUNK))
    return result


async def nonsense(api: Api, draw: random.Random, namespace: str) -> tuple[int, str]:
    """One request; its status and how to repeat it."""
    base = draw.choice(list(BASES))
    path, body = base.format(namespace), spoilt(draw, BASES[base])
    item = f"{path}/f{draw.choice(['', '', '/status', '/scale', '/binding', '/eviction'])}"
    kind = draw.choice(("create", "create", "create", "update", "patch", "operations", "delete", "query"))
    content_type, method, data = (
        "application/json",
        {"create": "POST", "update": "PUT", "delete": "DELETE"}.get(kind),
        body,
    )
    if kind == "patch":
        method, content_type = "PATCH", f"application/{draw.choice(PATCHES[:2])}+json"
    elif kind == "operations":
        spot = "/" + "/".join(map(str, draw.choice(list(places(BASES[base])))))
        where = draw.choice([spot, "", "/x/y", "nope"])
        row = {
            "op": draw.choice(["add", "remove", "replace", "move", "copy", "test", "x"]),
            "path": where,
            "from": spot,
        }
        method, content_type, data = "PATCH", "application/json-patch+json", [{**row, "value": draw.choice(JUNK)}]
    elif kind == "delete":
        field = draw.choice(["gracePeriodSeconds", "preconditions", "propagationPolicy", "dryRun", "kind"])
        data = {field: draw.choice(JUNK)}
    elif kind == "query":
        name = draw.choice(["labelSelector", "fieldSelector", "limit", "continue", "dryRun", "timeoutSeconds"])
        method, data = draw.choice(["GET", "DELETE"]), None
        item = f"{path}?{name}={draw.choice(['-1', 'x', '%00', 'a%3D%3D%3Db', '!', '9' * 30])}"
    url = path if kind == "create" else item
    answer = await api(method or "GET", url, data, content_type=content_type)
    return answer.status, f"{method} {url} {json.dumps(data)[:500]} -> {answer.body}"


@pytest.mark.parametrize("seed", range(4))
async def test_no_nonsense_is_a_server_error(api: Api, namespace: str, seed: int) -> None:
    draw = random.Random(seed)
    for _ in range(REQUESTS // 20):
        answers = await asyncio.gather(*(nonsense(api, draw, namespace) for _ in range(20)))
        assert [repeat for status, repeat in answers if status >= 500] == []
