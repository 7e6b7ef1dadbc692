"""The client over real sockets and TLS, against an API server without types."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from machinery.api import errors
from machinery.api.core.v1 import ConfigMap, Node, Pod, PodSpec, PodStatus
from machinery.api.meta.v1 import ObjectMeta
from machinery.client import cause, transport
from machinery.client.config import ClientConfig
from machinery.client.rest import Client, Unreachable
from tests.support.fake_api import FakeApi
from tests.support.pki import Authority
from tests.support.waiting import until

PODS = "/api/v1/pods"


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as running:
        yield running


@pytest.fixture
async def client(api: FakeApi) -> AsyncIterator[Client]:
    async with Client(ClientConfig(server=api.url), user_agent="tester") as running:
        yield running


def pod(name: str, *, node: str = "", **meta: str) -> Pod:
    return Pod(metadata=ObjectMeta(name=name, namespace="default", **meta), spec=PodSpec(node_name=node))


async def test_create_read_update_delete(api: FakeApi, client: Client) -> None:
    made = await client.create(pod("web"))
    assert made.metadata.resource_version == "101"
    assert await client.get(Pod, "web", "default") == made
    moved = await client.update(made.replace(spec=PodSpec(node_name="n")))
    assert moved.spec.node_name == "n"
    with pytest.raises(errors.Conflict):
        await client.update(made)
    shown = await client.update_status(moved.replace(spec=PodSpec(), status=PodStatus(phase="Running")))
    assert (shown.spec.node_name, shown.status.phase) == ("n", "Running")
    await client.delete(Pod, "web", "default")
    with pytest.raises(errors.NotFound, match='pods "web" not found'):
        await client.get(Pod, "web", "default")
    assert [(r.method, r.path) for r in api.requests] == [
        ("POST", "/api/v1/namespaces/default/pods"),
        ("GET", "/api/v1/namespaces/default/pods/web"),
        ("PUT", "/api/v1/namespaces/default/pods/web"),
        ("PUT", "/api/v1/namespaces/default/pods/web"),
        ("PUT", "/api/v1/namespaces/default/pods/web/status"),
        ("DELETE", "/api/v1/namespaces/default/pods/web"),
        ("GET", "/api/v1/namespaces/default/pods/web"),
    ]
    assert {r.headers["User-Agent"] for r in api.requests} == {"tester"}


async def test_patches_name_their_type(api: FakeApi, client: Client) -> None:
    api.put(PODS, pod("web").to_dict())
    for patch_type in ("merge", "strategic"):
        patched = await client.patch(Pod, "web", "default", {"metadata": {"labels": {"a": patch_type}}},
                                     patch_type=patch_type, subresource="status")
        assert patched.metadata.labels == {"a": patch_type}
    assert [(r.path.rpartition("/")[2], r.headers["Content-Type"]) for r in api.requests] == [
        ("status", "application/merge-patch+json"), ("status", "application/strategic-merge-patch+json")]


async def test_delete_options(api: FakeApi, client: Client) -> None:
    api.put(PODS, pod("web", uid="u1").to_dict())
    with pytest.raises(errors.Conflict):
        await client.delete(Pod, "web", "default", uid="other")
    await client.delete(Pod, "web", "default", uid="u1", grace_period_seconds=0, propagation_policy="Orphan",
                        resource_version="5")
    assert api.requests[-1].body == {
        "kind": "DeleteOptions", "apiVersion": "v1", "gracePeriodSeconds": 0, "propagationPolicy": "Orphan",
        "preconditions": {"uid": "u1", "resourceVersion": "5"}}


async def test_list_asks_for_what_is_wanted(api: FakeApi, client: Client) -> None:
    api.put(PODS, pod("a").to_dict())
    api.put(PODS, pod("b").to_dict())
    listing = await client.list(Pod, "default", label_selector="app in (x,y)", field_selector="spec.nodeName=n",
                                limit=5, resource_version="0")
    assert [p.metadata.name for p in listing.items] == ["a", "b"]
    assert (listing.resource_version, listing.continue_) == ("102", "")
    assert dict(api.requests[0].query) == {"labelSelector": "app in (x,y)", "fieldSelector": "spec.nodeName=n",
                                           "limit": "5", "resourceVersion": "0"}
    await client.list(Node)
    assert (api.requests[1].path, dict(api.requests[1].query)) == ("/api/v1/nodes", {})


async def test_bind(api: FakeApi, client: Client) -> None:
    await client.bind(pod("web", uid="u1"), "worker-1")
    request = api.requests[0]
    assert request.path == "/api/v1/namespaces/default/pods/web/binding"
    assert request.body["target"] == {"apiVersion": "v1", "kind": "Node", "name": "worker-1"}
    assert (request.body["kind"], request.body["metadata"]["uid"]) == ("Binding", "u1")


async def test_every_write_names_its_cause(api: FakeApi, client: Client) -> None:
    with cause.acting("replicaset", "default/web", ("Pod/default/web-1@7",)):
        await client.create(pod("web-2"))
    await client.create(pod("web-3"))
    sent = [{name: value for name, value in r.headers.items() if name.startswith("Mini-")} for r in api.requests]
    assert sent == [{"Mini-Actor": "replicaset", "Mini-Key": "default/web", "Mini-Woken-By": "Pod/default/web-1@7"}, {}]


async def test_watch(api: FakeApi, client: Client) -> None:
    big = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": "big", "namespace": "default"},
           "data": {"text": "line\n" * 200_000}}
    seen = []

    async def follow() -> None:
        async for event in client.watch(ConfigMap, resource_version="100", timeout=60):
            seen.append((event.type, event.object.metadata.resource_version, len(event.object.data.get("text", ""))))

    watching = asyncio.create_task(follow())
    await until(lambda: api.news)
    api.put("/api/v1/configmaps", big)
    api.put("/api/v1/configmaps", {**big, "data": {"text": "é"}})
    api.put(PODS, pod("noise").to_dict())
    api.delete("/api/v1/configmaps", "default", "big")
    await until(lambda: len(seen) == 3)
    assert seen == [("ADDED", "101", 1_000_000), ("MODIFIED", "102", 1), ("DELETED", "104", 1)]
    assert dict(api.requests[0].query) == {"watch": "true", "allowWatchBookmarks": "true", "timeoutSeconds": "60",
                                           "resourceVersion": "100"}
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    await until(lambda: not api.news)


async def test_a_compacted_watch_is_gone(api: FakeApi, client: Client) -> None:
    api.put(PODS, pod("a").to_dict())
    api.compact()
    with pytest.raises(errors.Gone):
        async for _ in client.watch(Pod, resource_version="100"):
            pass


@pytest.mark.parametrize(("code", "text", "error"), [
    (503, "apiserver is starting", errors.ServiceUnavailable),
    (401, "", errors.Unauthorized),
    (429, '{"kind": "Status", "reason": "TooManyRequests", "code": 429, "details": {"retryAfterSeconds": 3}}',
     errors.TooManyRequests),
])
async def test_failures_become_the_apis_errors(
    api: FakeApi, client: Client, code: int, text: str, error: type[errors.ApiError]
) -> None:
    api.fail_next.append((code, text))
    with pytest.raises(error) as caught:
        await client.get(Pod, "a", "default")
    assert caught.value.code == code
    assert caught.value.retry_after == (3 if code == 429 else 0)


async def test_an_object_that_its_class_refuses_is_the_servers_fault(api: FakeApi, client: Client) -> None:
    api.put(PODS, {"metadata": {"name": "a", "namespace": "default"}, "spec": {"containers": 3}})
    with pytest.raises(errors.InternalError, match="sent a Pod that cannot be read"):
        await client.get(Pod, "a", "default")


async def test_nobody_there(api: FakeApi, client: Client) -> None:
    await client.list(Pod)
    await api.stop()
    with pytest.raises(Unreachable, match=f"^{api.url}: Connection refused$"):
        await client.list(Pod)
    with pytest.raises(errors.ServiceUnavailable):
        async for _ in client.watch(Pod, resource_version="1"):
            pass
    await api.start()
    assert (await client.list(Pod)).items == ()


async def test_a_server_that_hangs_up() -> None:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    async with server, Client(ClientConfig(server=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")) as client:
        with pytest.raises(Unreachable, match="the connection broke off"):
            await client.create(pod("a"))


async def test_a_server_that_never_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "ANSWER_TIMEOUT", 0.1)
    server = await asyncio.start_server(lambda reader, writer: asyncio.Event().wait(), "127.0.0.1", 0)
    async with server, Client(ClientConfig(server=f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}")) as client:
        with pytest.raises(Unreachable, match="no answer in time to GET /api/v1/pods"):
            await client.list(Pod)
        with pytest.raises(Unreachable, match="no answer in time"):
            async for _ in client.watch(Pod, resource_version="1"):
                pass


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


async def test_tls_with_client_certificates_from_files_and_from_data(authority: Authority) -> None:
    admin = authority.issue("kubernetes-admin", organization="system:masters")
    files = {"ca_file": str(authority.ca.cert), "cert_file": str(admin.cert), "key_file": str(admin.key)}
    data = {"ca_data": authority.ca.cert.read_text(), "cert_data": admin.cert.read_text(),
            "key_data": admin.key.read_text()}
    async with FakeApi(ssl_context=authority.server_context(authority.issue("server"))) as api:
        for given in (files, data, {**data, "tls_server_name": "api.test"}):
            async with Client(ClientConfig(server=api.url, **given)) as client:
                assert (await client.list(Pod)).items == ()


async def test_tls_trusts_nobody_else(authority: Authority, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    admin = authority.issue("kubernetes-admin")
    identity = {"cert_file": str(admin.cert), "key_file": str(admin.key)}
    async with FakeApi(ssl_context=authority.server_context(authority.issue("server"))) as api:
        for given, why in (
            ({"ca_file": str(other.ca.cert), **identity}, "certificate verify failed"),
            ({"ca_file": str(authority.ca.cert), **identity, "tls_server_name": "not.this"}, "Hostname mismatch"),
            ({"ca_file": str(authority.ca.cert)}, None),
        ):
            async with Client(ClientConfig(server=api.url, **given)) as client:
                with pytest.raises(Unreachable, match=why):
                    await client.list(Pod)


async def test_tokens_rotate(api: FakeApi, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("abc\n")
    async with Client(ClientConfig(server=api.url, token_file=str(token))) as client:
        await client.list(Pod)
    async with Client(ClientConfig(server=api.url, token="fixed")) as client:
        await client.list(Pod)
    assert [r.headers["Authorization"] for r in api.requests] == ["Bearer abc", "Bearer fixed"]


async def test_one_connection_serves_many_requests(api: FakeApi, client: Client) -> None:
    for _ in range(5):
        await client.list(Pod)
    assert len({r.peer for r in api.requests}) == 1
