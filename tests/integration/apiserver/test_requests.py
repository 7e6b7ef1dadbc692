"""Bad input and everything beside the objects: encodings, discovery, health, identity, audit, limits."""

from __future__ import annotations

import asyncio
import json
import ssl
import time

import aiohttp
import pytest

from tests.integration.apiserver.conftest import Api, deployment, pod
from tests.support.apiserver import ApiServer


@pytest.mark.parametrize(
    ("body", "text"),
    [
        (b"{", "couldn't get version/kind; json parse error"),
        (b"", "couldn't get version/kind; json parse error: unexpected end of JSON input"),
        (b"[1]", "cannot unmarshal array"),
        (b'{"kind":"Secret","apiVersion":"v1"}', "must be of type Pod"),
        (b'{"kind":"Pod","apiVersion":"v2"}', "does not match the expected API version (v1)"),
        (
            b'{"spec":{"containers":[{"image":3}]}}',
            'Pod in version "v1" cannot be handled as a Pod: json: cannot unmarshal number into Go struct field '
            "Container.spec.containers.image of type string",
        ),
        (b'{"spec":{"containers":"x"}}', "cannot unmarshal string into Go struct field"),
        (b'{"metadata":{"name":"x","namespace":"other"}}', "the namespace of the provided object does not match"),
    ],
)
async def test_malformed_bodies(api: Api, namespace: str, body: bytes, text: str) -> None:
    answer = await api("POST", f"/api/v1/namespaces/{namespace}/pods", body)
    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
    assert text in answer.message


async def test_media_types(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    assert (await api("POST", path, b"x", content_type="text/plain")).status == 415
    assert (await api.get(path, Accept="image/png")).status == 406
    assert (await api("PATCH", f"{path}/x", b"{}", content_type="application/json")).status == 415


async def test_too_large_a_body(api: Api, namespace: str) -> None:
    body = {"metadata": {"name": "a"}, "data": {"k": "x" * (3 * 1024 * 1024 + 10)}}
    answer = await api.post(f"/api/v1/namespaces/{namespace}/configmaps", body)
    assert (answer.status, answer.body["reason"]) == (413, "RequestEntityTooLarge")


@pytest.mark.parametrize("head", [b"GET /version HTTP/1.1\r\nX: %s\r\n", b"GET /version?%s HTTP/1.1\r\n"])
async def test_too_large_a_head(server: ApiServer, head: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=server.context())
    writer.write(head % (b"x" * 300_000) + b"Host: a\r\n\r\n")
    assert (await reader.readline()).split()[1] == b"431"
    writer.close()


async def test_unknown_paths_and_verbs(api: Api, namespace: str) -> None:
    for path in ("/nope", "/api/v1/nosuch", "/apis/no.such/v1/things", f"/api/v1/namespaces/{namespace}/pods/x/nosuch"):
        answer = await api.get(path)
        assert (answer.status, answer.message) == (404, "the server could not find the requested resource"), path
    for method, path in (
        ("POST", "/api/v1/pods"), ("PUT", f"/api/v1/namespaces/{namespace}/pods"), ("DELETE", "/api/v1/namespaces"),
        ("DELETE", f"/api/v1/namespaces/{namespace}/pods/x/status"), ("POST", f"/api/v1/namespaces/{namespace}/pods/x"),
    ):  # fmt: skip
        answer = await api(method, path, {} if method != "DELETE" else None)
        assert (answer.status, answer.body["reason"]) == (405, "MethodNotAllowed"), (method, path)


async def test_removed_versions_name_their_successor(api: Api, namespace: str) -> None:
    for path in ("/apis/apps/v1beta2", f"/apis/apps/v1beta2/namespaces/{namespace}/deployments"):
        answer = await api.get(path)
        assert answer.status == 404 and "write apiVersion: apps/v1 instead" in answer.message


async def test_field_validation(api: Api, namespace: str) -> None:
    path = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    body = deployment(foo=1)
    body["spec"]["template"]["spec"]["containers"][0]["imagee"] = "x"
    strict = await api.post(f"{path}?fieldValidation=Strict", body)
    assert strict.status == 400 and strict.message == (
        'Deployment in version "v1" cannot be handled as a Deployment: strict decoding error: '
        'unknown field "spec.template.spec.containers[0].imagee", unknown field "spec.foo"'
    )
    warned = await api.post(f"{path}?fieldValidation=Warn&dryRun=All", body)
    assert warned.status == 201
    assert '299 - "unknown field \\"spec.foo\\""' in warned.headers.getall("Warning")
    ignored = await api.post(f"{path}?fieldValidation=Ignore&dryRun=All", body)
    assert ignored.status == 201 and "Warning" not in ignored.headers and "foo" not in ignored.body["spec"]
    twice = b'{"metadata":{"name":"a"},"data":{"k":"1","k":"2"}}'
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    answer = await api("POST", f"{maps}?fieldValidation=Strict", twice)
    assert answer.status == 400 and 'strict decoding error: duplicate field "data.k"' in answer.message
    assert (await api.post(f"{maps}?fieldValidation=Perhaps", {})).status == 422


async def test_discovery_in_its_three_forms(api: Api) -> None:
    plain = (await api.get("/api/v1")).body
    pods = next(row for row in plain["resources"] if row["name"] == "pods")
    assert pods["shortNames"] == ["po"] and pods["categories"] == ["all"] and pods["singularName"] == "pod"
    assert {row["name"] for row in plain["resources"]} >= {"pods/log", "pods/status", "pods/binding", "pods/eviction"}
    groups = (await api.get("/apis")).body["groups"]
    assert [group["name"] for group in groups[:2]] == ["apiregistration.k8s.io", "apps"]
    assert (await api.get("/apis/apps")).body["preferredVersion"]["groupVersion"] == "apps/v1"
    scale = next(r for r in (await api.get("/apis/apps/v1")).body["resources"] if r["name"] == "deployments/scale")
    assert (scale["group"], scale["version"], scale["kind"]) == ("autoscaling", "v1", "Scale")
    for version in ("v2", "v2beta1"):
        accept = f"application/json;g=apidiscovery.k8s.io;v={version};as=APIGroupDiscoveryList,application/json"
        answer = await api.get("/apis", Accept=accept)
        assert answer.body["apiVersion"] == f"apidiscovery.k8s.io/{version}"
        assert f"v={version}" in answer.headers["Content-Type"]
        again = await api.get("/apis", Accept=accept, If_None_Match=answer.headers["ETag"])
        assert again.status == 304
    unknown = "application/json;g=apidiscovery.k8s.io;v=v9;as=APIGroupDiscoveryList,application/json"
    assert (await api.get("/apis", Accept=unknown)).body["kind"] == "APIGroupList"


async def test_version_and_health(api: Api) -> None:
    assert (await api.get("/version")).body["minor"] == "32"
    assert (await api.get("/healthz")).body == (await api.get("/livez")).body == (await api.get("/readyz")).body == "ok"
    assert "[+]etcd ok" in (await api.get("/readyz?verbose")).body
    assert (await api.get("/readyz/etcd")).body == "ok"
    assert (await api.get("/readyz/nosuch")).status == 404
    metrics = (await api.get("/metrics")).body
    assert "apiserver_request_total{" in metrics and "apiserver_request_duration_seconds_bucket" in metrics


async def test_openapi_documents(api: Api) -> None:
    index = (await api.get("/openapi/v3")).body["paths"]
    url = index["apis/apps/v1"]["serverRelativeURL"]
    document = (await api.get(url)).body
    patch = document["paths"]["/apis/apps/v1/namespaces/{namespace}/deployments/{name}"]["patch"]
    assert patch["x-kubernetes-group-version-kind"] == {"group": "apps", "version": "v1", "kind": "Deployment"}
    assert "fieldValidation" in [parameter["name"] for parameter in patch["parameters"]]
    schemas = document["components"]["schemas"]
    missing = {name for name in _references(document) if name not in schemas}
    assert not missing
    v2 = (await api.get("/openapi/v2")).body
    assert v2["definitions"]["io.k8s.api.core.v1.Pod"]["x-kubernetes-group-version-kind"][0]["kind"] == "Pod"
    assert not {name for name in _references(v2) if name not in v2["definitions"]}
    assert (await api.get("/openapi/v3/apis/no.such/v1")).status == 404


def _references(value: object) -> set[str]:
    if isinstance(value, dict):
        own = {value["$ref"].rpartition("/")[2]} if isinstance(value.get("$ref"), str) else set()
        return own.union(*(_references(item) for item in value.values()))
    if isinstance(value, list):
        return set().union(*(_references(item) for item in value))
    return set()


async def test_strangers_see_health_and_version_only(server: ApiServer) -> None:
    context = ssl.create_default_context(cafile=str(server.authority.ca.cert))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context)) as session:
        stranger = Api(session, server.url)
        for path in ("/healthz", "/livez", "/readyz", "/version"):
            assert (await stranger.get(path)).status == 200
        for path in ("/api", "/apis", "/api/v1/pods", "/openapi/v3", "/metrics"):
            answer = await stranger.get(path)
            assert (answer.status, answer.body["reason"]) == (403, "Forbidden"), path
        assert (await stranger.get("/version", Authorization="Bearer nonsense")).status == 401


async def test_foreign_certificate_is_refused(server: ApiServer, tmp_path_factory: pytest.TempPathFactory) -> None:
    from tests.support.pki import Authority

    stranger = Authority(tmp_path_factory.mktemp("other")).issue("kubernetes-admin", organization="system:masters")
    connector = aiohttp.TCPConnector(ssl=server.context(stranger))
    async with aiohttp.ClientSession(connector=connector) as session:
        answer = await Api(session, server.url).get("/api/v1/pods")
        assert (answer.status, answer.body["reason"]) == (401, "Unauthorized")


async def test_audit_lines_carry_the_cause_and_no_secret(api: Api, namespace: str, server: ApiServer) -> None:
    path = f"/api/v1/namespaces/{namespace}/secrets"
    cause = {"Mini_Actor": "replicaset-controller", "Mini_Key": f"{namespace}/web", "Mini_Woken_By": "Pod/a/b@7"}
    await api.post(path, {"metadata": {"name": "s"}, "stringData": {"k": "verysecret"}}, **cause)
    lines = await _lines(server, f"{path}")
    line = next(line for line in lines if line["verb"] == "create")
    assert line["kind"] == "Event" and line["stage"] == "ResponseComplete"
    assert line["user"]["username"] == "kubernetes-admin" and "system:masters" in line["user"]["groups"]
    assert line["objectRef"] == {
        "resource": "secrets", "namespace": namespace, "name": "s", "apiVersion": "v1",
    }  # fmt: skip
    assert line["responseStatus"]["code"] == 201
    assert line["annotations"] == {
        "mini.io/actor": "replicaset-controller",
        "mini.io/key": f"{namespace}/web",
        "mini.io/woken-by": "Pod/a/b@7",
        "authorization.k8s.io/decision": "allow",
        "authorization.k8s.io/reason": "",
    }
    assert "verysecret" not in server.audit_log.read_text()


async def _lines(server: ApiServer, uri: str) -> list[dict]:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        lines = [json.loads(line) for line in server.audit_log.read_text().splitlines()]
        if found := [line for line in lines if line["requestURI"].startswith(uri)]:
            return found
        await asyncio.sleep(0.05)
    raise AssertionError(f"no audit line of {uri}")


async def test_what_the_server_makes_itself(api: Api, server: ApiServer) -> None:
    names = {item["metadata"]["name"] for item in (await api.get("/api/v1/namespaces")).body["items"]}
    assert names >= {"default", "kube-system", "kube-public", "kube-node-lease"}
    service = (await api.get("/api/v1/namespaces/default/services/kubernetes")).body
    assert service["spec"]["clusterIP"] == "10.96.0.1" and service["spec"]["ports"][0]["port"] == 443
    endpoints = (await api.get("/api/v1/namespaces/default/endpoints/kubernetes")).body
    assert endpoints["subsets"][0]["addresses"] == [{"ip": "127.0.0.1"}]
    assert endpoints["subsets"][0]["ports"][0]["port"] == server.port


async def test_log_of_a_pod_asks_for_the_container_and_finds_the_node(api: Api, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/pods"
    body = pod("two", nodeName="nowhere")
    body["spec"]["containers"].append({"name": "d", "image": "x"})
    await api.post(path, body)
    unclear = await api.get(f"{path}/two/log")
    assert unclear.status == 400
    assert unclear.message == "a container name must be specified for pod two, choose one of: [c d]"
    wrong = await api.get(f"{path}/two/log?container=z")
    assert (wrong.status, wrong.message) == (400, "container z is not valid for pod two")
    lost = await api.get(f"{path}/two/log?container=c")
    assert (lost.status, lost.message) == (404, 'nodes "nowhere" not found')


async def test_the_kubernetes_service_comes_back(api: Api) -> None:
    path = "/api/v1/namespaces/default/services/kubernetes"
    before = (await api.get(path)).body
    await api.delete(path)
    async with asyncio.timeout(60):
        while (after := await api.get(path)).status != 200:
            await asyncio.sleep(0.2)
    assert after.body["spec"]["clusterIP"] == before["spec"]["clusterIP"]
    assert after.body["metadata"]["uid"] != before["metadata"]["uid"]
