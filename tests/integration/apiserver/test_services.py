"""ClusterIPs and node ports: given, wanted, kept, changed, given back, and never twice."""

from __future__ import annotations

import asyncio
import uuid
from typing import Any

from tests.integration.apiserver.conftest import Api
from tests.support.apiserver import ApiServer


def path(namespace: str, name: str = "") -> str:
    return f"/api/v1/namespaces/{namespace}/services" + (f"/{name}" if name else "")


def service(name: str = "", **spec: Any) -> dict[str, Any]:
    spec.setdefault("ports", [{"port": 80}])
    return {"metadata": {"name": name or f"s{uuid.uuid4().hex[:8]}"}, "spec": spec}


async def test_cluster_ip_by_default(api: Api, namespace: str) -> None:
    spec = (await api.post(path(namespace), service(selector={"a": "b"}))).body["spec"]
    assert spec["type"] == "ClusterIP" and spec["clusterIP"].startswith("10.96.")
    assert spec["clusterIPs"] == [spec["clusterIP"]] and spec["ipFamilies"] == ["IPv4"]
    assert spec["ports"] == [{"protocol": "TCP", "port": 80, "targetPort": 80}]
    assert spec["sessionAffinity"] == "None" and spec["internalTrafficPolicy"] == "Cluster"


async def test_wanted_address_once_only(api: Api, namespace: str) -> None:
    first = await api.post(path(namespace), service("a", clusterIP="10.96.200.1"))
    assert first.body["spec"]["clusterIP"] == "10.96.200.1"
    second = await api.post(path(namespace), service("b", clusterIP="10.96.200.1"))
    assert second.status == 422
    assert "failed to allocate IP 10.96.200.1: provided IP is already allocated" in second.message
    outside = await api.post(path(namespace), service("c", clusterIP="192.168.0.1"))
    assert "the provided IP (192.168.0.1) is not in the valid range" in outside.message
    wrong = await api.post(path(namespace), service("d", clusterIP="nonsense"))
    assert wrong.status == 422 and "valid IP address" in wrong.message
    await api.delete(path(namespace, "a"))
    again = await api.post(path(namespace), service("b", clusterIP="10.96.200.1"))
    assert again.status == 201, "an address is free again when its Service is gone"


async def test_node_port(api: Api, namespace: str) -> None:
    made = (await api.post(path(namespace), service("a", type="NodePort"))).body["spec"]
    assert 30000 <= made["ports"][0]["nodePort"] <= 32767 and made["externalTrafficPolicy"] == "Cluster"
    fixed = await api.post(path(namespace), service("b", type="NodePort", ports=[{"port": 80, "nodePort": 30123}]))
    assert fixed.body["spec"]["ports"][0]["nodePort"] == 30123
    taken = await api.post(path(namespace), service("c", type="NodePort", ports=[{"port": 80, "nodePort": 30123}]))
    assert "spec.ports[0].nodePort: Invalid value: 30123: provided port is already allocated" in taken.message
    low = await api.post(path(namespace), service("c", type="NodePort", ports=[{"port": 80, "nodePort": 80}]))
    assert "The range of valid ports is 30000-32767" in low.message
    plain = await api.post(path(namespace), service("c", ports=[{"port": 80, "nodePort": 30124}]))
    assert "spec.ports[0].nodePort: Forbidden: may not be used when `type` is 'ClusterIP'" in plain.message


async def test_what_exists_is_told_by_what_it_holds(api: Api, namespace: str) -> None:
    """Addresses and ports are taken before a name is: as in Kubernetes, the first to be taken is what one reads of."""
    wanted = service("a", type="NodePort", clusterIP="10.96.202.1", ports=[{"port": 80, "nodePort": 30321}])
    assert (await api.post(path(namespace), wanted)).status == 201
    address = await api.post(path(namespace), wanted)
    assert address.status == 422 and "failed to allocate IP 10.96.202.1: provided IP is already" in address.message
    del wanted["spec"]["clusterIP"]
    port = await api.post(path(namespace), wanted)
    assert port.status == 422 and "30321: provided port is already allocated" in port.message
    assert (await api.post(path(namespace), service("a"))).status == 409


async def test_a_refused_service_gives_everything_back(api: Api, namespace: str) -> None:
    ports = [{"name": "a", "port": 80, "nodePort": 30222}, {"name": "b", "port": 81, "nodePort": 9}]
    refused = await api.post(path(namespace), service("a", type="NodePort", clusterIP="10.96.201.1", ports=ports))
    assert refused.status == 422
    ports[1]["nodePort"] = 30223
    assert (
        await api.post(path(namespace), service("a", type="NodePort", clusterIP="10.96.201.1", ports=ports))
    ).status == 201


async def test_update_keeps_what_was_allocated(api: Api, namespace: str) -> None:
    made = (await api.post(path(namespace), service("a", type="NodePort"))).body
    body = service("a", type="NodePort", selector={"x": "y"})
    updated = (await api.put(path(namespace, "a"), body)).body
    assert updated["spec"]["clusterIP"] == made["spec"]["clusterIP"]
    assert updated["spec"]["ports"][0]["nodePort"] == made["spec"]["ports"][0]["nodePort"]
    moved = await api.patch(path(namespace, "a"), {"spec": {"clusterIP": "10.96.202.2"}})
    assert moved.status == 422 and "may not change once set" in moved.message


async def test_changing_the_type_gives_ports_back(api: Api, namespace: str) -> None:
    ports = [{"port": 80, "nodePort": 30333}]
    await api.post(path(namespace), service("a", type="NodePort", ports=ports))
    plain = await api.patch(path(namespace, "a"), {"spec": {"type": "ClusterIP"}})
    assert plain.status == 200 and "nodePort" not in plain.body["spec"]["ports"][0]
    assert (await api.post(path(namespace), service("b", type="NodePort", ports=ports))).status == 201
    back = await api.patch(path(namespace, "a"), {"spec": {"type": "NodePort"}})
    assert back.body["spec"]["ports"][0]["nodePort"] not in (0, 30333)


async def test_headless_and_external_name(api: Api, namespace: str) -> None:
    headless = (await api.post(path(namespace), service("h", clusterIP="None", selector={"a": "b"}))).body["spec"]
    assert headless["clusterIP"] == "None" and headless["clusterIPs"] == ["None"]
    body = {"metadata": {"name": "e"}, "spec": {"type": "ExternalName", "externalName": "a.example.com"}}
    external = (await api.post(path(namespace), body)).body["spec"]
    assert "clusterIP" not in external and "ipFamilies" not in external
    table = await api.get(path(namespace), Accept="application/json;as=Table;v=v1;g=meta.k8s.io")
    cells = {row["cells"][0]: row["cells"][1:5] for row in table.body["rows"]}
    assert cells["e"] == ["ExternalName", "<none>", "a.example.com", "<none>"]
    assert cells["h"] == ["ClusterIP", "None", "<none>", "80/TCP"]
    missing = await api.post(path(namespace), {"metadata": {"name": "f"}, "spec": {"type": "ExternalName"}})
    assert "spec.externalName: Required value" in missing.message


async def test_several_ports_need_names(api: Api, namespace: str) -> None:
    answer = await api.post(path(namespace), service("a", ports=[{"port": 80}, {"port": 80}]))
    fields = [cause["field"] for cause in answer.body["details"]["causes"]]
    assert fields == ["spec.ports[0].name", "spec.ports[1].name", "spec.ports[1]"]
    none = await api.post(path(namespace), service("b", ports=[]))
    assert "spec.ports: Required value" in none.message
    name = await api.post(path(namespace), service("1st"))
    assert name.status == 422 and "DNS-1035 label" in name.message


async def test_two_servers_never_give_an_address_twice(api: Api, namespace: str, server: ApiServer) -> None:
    import aiohttp

    other = "--advertise-address=127.0.0.2"
    flags = ("--service-cluster-ip-range=10.97.0.0/26", "--service-node-port-range=31000-31030")
    folder = server.folder / "second"
    folder.mkdir()
    async with (
        ApiServer(folder, *flags, etcd=server.etcd, authority=server.authority) as first,
        ApiServer(folder, *flags, other, etcd=server.etcd, authority=server.authority) as second,
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=server.context())) as session,
    ):
        apis = [Api(session, first.url), Api(session, second.url)]
        tasks = [apis[i % 2].post(path(namespace), service(type="NodePort")) for i in range(40)]
        answers = await asyncio.gather(*tasks)
        known = (await apis[0].get("/api/v1/namespaces/default/endpoints/kubernetes")).body["subsets"][0]["addresses"]
        assert known == [{"ip": "127.0.0.1"}, {"ip": "127.0.0.2"}], "both servers are behind the Service"
    made = [answer.body["spec"] for answer in answers if answer.status == 201]
    addresses = [spec["clusterIP"] for spec in made]
    ports = [spec["ports"][0]["nodePort"] for spec in made]
    assert len(made) >= 25, "there are 31 ports to have"
    assert len(set(addresses)) == len(addresses) and len(set(ports)) == len(ports)
    assert {answer.status for answer in answers} <= {201, 500}
