"""exec and its like where nothing can be connected to, and what discovery says of them."""

from __future__ import annotations

import pytest

from tests.integration.apiserver.conftest import Api, pod
from tests.support.etcd import free_ports

SPDY = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}


@pytest.mark.parametrize("what", ["exec?command=id&stdout=true", "attach?stdout=true", "portforward"])
async def test_refusals(api: Api, namespace: str, what: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    none = await api.post(f"{path}/none/{what}", b"", **SPDY)
    assert (none.status, none.message) == (404, 'pods "none" not found')
    await api.post(path, pod("free"))
    free = await api.post(f"{path}/free/{what}", b"", **SPDY)
    assert (free.status, free.message) == (400, "pod free does not have a host assigned")
    (port,) = free_ports(1)
    status = {
        "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
        "daemonEndpoints": {"kubeletEndpoint": {"Port": port}},
    }
    await api.post("/api/v1/nodes", {"metadata": {"name": f"n-{namespace}"}, "status": status})
    await api.post(path, pod("web", nodeName=f"n-{namespace}"))
    plain = await api.post(f"{path}/web/{what}", b"")
    assert (plain.status, plain.message) == (400, "Upgrade request required")
    away = await api.post(f"{path}/web/{what}", b"", **SPDY)
    why = f"error dialing backend: dial tcp 127.0.0.1:{port}: connect: connection refused"
    assert (away.status, away.message) == (500, why)


async def test_discovery(api: Api) -> None:
    rows = {row["name"]: row for row in (await api.get("/api/v1")).body["resources"]}
    assert (rows["pods/exec"]["kind"], rows["pods/exec"]["verbs"]) == ("PodExecOptions", ["create", "get"])
    assert rows["services/proxy"]["verbs"] == ["create", "delete", "get", "patch", "update"]
    assert rows["pods/ephemeralcontainers"]["kind"] == rows["pods/resize"]["kind"] == "Pod"
    assert "nodes/proxy" in rows and "pods/attach" in rows and "pods/portforward" in rows
