"""An extension server behind an APIService, through real kubectl and plain HTTP: asked, away, back, refused, gone."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import yarl

from tests.integration.apiserver.conftest import Answer, Api
from tests.support.apiserver import ApiServer, running
from tests.support.extension_server import GROUP, ROOT, ExtensionServer, address_of_our_own
from tests.support.kubectl import kubectl
from tests.support.pki import Authority

Doc = dict[str, Any]
SERVICES = "/apis/apiregistration.k8s.io/v1/apiservices"
LISTS = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
WIDGET = {"apiVersion": f"{GROUP}/v1", "kind": "Widget", "metadata": {"name": "top"}, "size": 3}


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("front-proxy"))


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, front: Authority) -> Iterator[ApiServer]:
    folder: Path = tmp_path_factory.mktemp("apiserver")
    pair = front.issue("front-proxy-client")
    server = ApiServer(
        folder, f"--requestheader-client-ca-file={front.ca.cert}", "--requestheader-allowed-names=front-proxy-client",
        f"--proxy-client-cert-file={pair.cert}", f"--proxy-client-key-file={pair.key}",
    )  # fmt: skip
    with running(server) as started:
        yield started


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with address_of_our_own(os.getpid()) as found:
        yield found


@pytest.fixture
async def toys(api: Api, server: ApiServer, front: Authority, namespace: str, address: str
               ) -> AsyncIterator[ExtensionServer]:  # fmt: skip
    """Running, and known by its Service; nothing says yet that it serves anything."""
    async with ExtensionServer(server.authority, front, namespace=namespace, address=address) as running:
        assert (await api.post(f"/api/v1/namespaces/{namespace}/services", running.service())).status == 201
        assert (await api.post(slices(namespace), running.endpoint_slice())).status == 201
        yield running
    await api.delete(f"{SERVICES}/v1.{GROUP}")
    await until(lambda: missing(api))


@pytest.fixture
async def served(api: Api, toys: ExtensionServer) -> ExtensionServer:
    await registered(api, toys.api_service())
    return toys


def slices(namespace: str) -> str:
    return f"/apis/discovery.k8s.io/v1/namespaces/{namespace}/endpointslices"


async def until(condition: Callable[[], Any], seconds: float = 15.0) -> Any:
    """What the condition says as soon as it says something."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.02)
        return found


async def missing(api: Api) -> bool:
    groups = (await api.get("/apis")).body["groups"]
    return GROUP not in [group["name"] for group in groups]


async def available(api: Api, status: str, reason: str) -> Doc | None:
    """The condition, once it is this one."""
    rows = (await api.get(f"{SERVICES}/v1.{GROUP}")).body.get("status", {}).get("conditions", ())
    found = next((row for row in rows if row["type"] == "Available"), {})
    return found if (found.get("status"), found.get("reason")) == (status, reason) else None


async def registered(api: Api, api_service: Doc) -> None:
    answer = await api.post(SERVICES, api_service)
    assert answer.status == 201, answer.body
    await until(partial(available, api, "True", "Passed"))


async def entry(api: Api) -> Doc:
    """What aggregated discovery says of the toys."""
    items = (await api.get("/apis", Accept=LISTS)).body["items"]
    return next((item["versions"][0] for item in items if item["metadata"]["name"] == GROUP), {})


async def run(*args: str, **options: Any) -> str:
    return await asyncio.to_thread(kubectl, *args, **options)


async def test_kubectl_walks(api: Api, server: ApiServer, served: ExtensionServer, namespace: str, tmp_path: Path
                             ) -> None:  # fmt: skip
    ask = partial(run, f"--cache-dir={tmp_path}", kubeconfig=server.kubeconfig)
    assert "widgets" in await ask("get", "--raw", ROOT)
    rows = (await ask("api-resources", f"--api-group={GROUP}", "--no-headers")).split()
    assert rows == ["widgets", "wd", f"{GROUP}/v1", "true", "Widget"]
    assert f"{GROUP}/v1" in await ask("api-versions")
    made = await ask("create", "-f", "-", "-n", namespace, stdin=json.dumps(WIDGET))
    assert made == f"widget.{GROUP}/top created\n"
    assert await ask("get", "wd", "-n", namespace) == "NAME   SIZE\ntop    3\n"
    assert "size: 3" in await ask("get", "widget", "top", "-o", "yaml", "-n", namespace)
    assert "How large it is." in await ask("explain", "widget.size")
    assert "How large it is." in await ask("explain", "widget.size", "--output=plaintext-openapiv2")
    assert "True" in await ask("get", "apiservice", f"v1.{GROUP}")
    assert await ask("delete", "widget", "top", "-n", namespace, "--wait=false")
    assert (await ask("get", "wd", "-n", namespace, check=False)).startswith("No resources found")


async def test_who_asks_is_told_in_headers_and_nothing_else_goes_on(
    api: Api, server: ApiServer, served: ExtensionServer, namespace: str
) -> None:
    path = f"{ROOT}/namespaces/{namespace}/widgets"
    await api.get(path, X_Remote_User="mallory", X_Remote_Group="system:masters", X_Forwarded_For="192.0.2.9")
    (asked,) = served.by("kubernetes-admin")
    assert asked.path == path and asked.proxy == "front-proxy-client"
    assert asked.headers.getall("X-Remote-User") == ["kubernetes-admin"]
    assert asked.headers.getall("X-Remote-Group") == ["system:masters", "system:authenticated"]
    assert asked.headers["X-Forwarded-For"] == "192.0.2.9, 127.0.0.1"
    as_ann = {"Impersonate_User": "ann", "Impersonate_Group": "system:masters", "Impersonate_Uid": "7",
              "Impersonate_Extra_Team%2FOne": "blue"}  # fmt: skip
    assert (await api.get(path, **as_ann)).status == 200
    (asked,) = served.by("ann")
    assert (asked.headers["X-Remote-Uid"], asked.headers["X-Remote-Extra-team%2Fone"]) == ("7", "blue")
    assert not [name for name in asked.headers if name.lower().startswith(("impersonate-", "authorization"))]


async def test_no_path_breaks_out(api: Api, served: ExtensionServer, namespace: str) -> None:
    """What is asked is what was authorized, and in one line."""
    path = f"{api.url}{ROOT}/namespaces/{namespace}/widgets"
    query = "?labelSelector=a%3Db%26c%0D%0A"
    broken = yarl.URL(f"{path}/a%20HTTP%2F1.1%0D%0AX-Remote-User:%20root%0D%0A{query}", encoded=True)
    for headers in ({}, {"Connection": "Upgrade", "Upgrade": "x"}):
        async with api.session.get(broken, headers=headers) as answer:
            assert answer.status == 405
        asked = served.asked[-1]
        assert asked.headers.getall("X-Remote-User") == ["kubernetes-admin"] and asked.path.endswith(query)
    count = len(served.asked)
    for climbing in ("..", "%2e%2e/%2e%2e/other/widgets", "a%2F..%2Fb", "."):
        async with api.session.get(yarl.URL(f"{path}/{climbing}", encoded=True)) as answer:
            assert answer.status == 404
    assert len(served.asked) == count


async def test_a_token_stays_here(api: Api, server: ApiServer, served: ExtensionServer, namespace: str) -> None:
    accounts = f"/api/v1/namespaces/{namespace}/serviceaccounts"
    assert (await api.post(accounts, {"metadata": {"name": "bot"}})).status == 201
    token = (await api.post(f"{accounts}/bot/token", {"spec": {}})).body["status"]["token"]
    await allowed(api, namespace, {"kind": "ServiceAccount", "name": "bot", "namespace": namespace})
    url = f"{server.url}{ROOT}/namespaces/{namespace}/widgets"
    context, bearer = ssl.create_default_context(cafile=str(server.authority.ca.cert)), f"Bearer {token}"
    async with aiohttp.ClientSession() as session, session.get(
        url, headers={"Authorization": bearer}, ssl=context
    ) as answer:
        assert answer.status == 200, await answer.text()
    (asked,) = served.by(f"system:serviceaccount:{namespace}:bot")
    assert "Authorization" not in asked.headers


async def allowed(api: Api, namespace: str, subject: Doc) -> None:
    """To list and watch widgets of this namespace."""
    roles = f"/apis/rbac.authorization.k8s.io/v1/namespaces/{namespace}"
    rules = [{"apiGroups": [GROUP], "resources": ["widgets"], "verbs": ["list", "watch"]}]
    assert (await api.post(f"{roles}/roles", {"metadata": {"name": "w"}, "rules": rules})).status == 201
    ref = {"apiGroup": "rbac.authorization.k8s.io", "kind": "Role", "name": "w"}
    body = {"metadata": {"name": "w"}, "roleRef": ref, "subjects": [subject]}
    assert (await api.post(f"{roles}/rolebindings", body)).status == 201


async def test_our_authorizers_decide_first(api: Api, server: ApiServer, served: ExtensionServer, namespace: str
                                            ) -> None:  # fmt: skip
    name = f"user-{namespace}"
    await allowed(api, namespace, {"apiGroup": "rbac.authorization.k8s.io", "kind": "User", "name": name})
    ask = partial(run, kubeconfig=server.kubeconfig_of(name), check=False)
    assert (await ask("get", "widgets", "-n", namespace)).startswith("No resources found")
    refused = await ask("get", "widgets", "-n", "default")
    assert f'User "{name}" cannot list resource "widgets" in API group "{GROUP}" in the namespace "default"' in refused
    refused = await ask("delete", "widget", "top", "-n", namespace)
    assert f'cannot delete resource "widgets" in API group "{GROUP}"' in refused
    assert {each.method for each in served.by(name)} == {"GET"}


async def test_watch_and_upgrade_are_streams(api: Api, served: ExtensionServer, namespace: str) -> None:
    path = f"{ROOT}/namespaces/{namespace}/widgets"
    async with api.session.get(f"{api.url}{path}?watch=1") as answer:
        assert (await api.post(path, WIDGET)).status == 201
        async with asyncio.timeout(10):
            event = json.loads(await answer.content.readline())
    assert (event["type"], event["object"]["size"]) == ("ADDED", 3)
    url = api.url.replace("https", "wss") + f"{path}/top/attach"
    async with api.session.ws_connect(url) as socket:
        await socket.send_str("hello")
        assert (await socket.receive(10)).data == "top: hello"
    assert [each.proxy for each in served.by("kubernetes-admin") if each.path.endswith("attach")] == [
        "front-proxy-client"
    ]


async def test_away_and_back(api: Api, server: ApiServer, served: ExtensionServer, namespace: str, tmp_path: Path
                             ) -> None:  # fmt: skip
    await served.stop()
    first = await api.get(f"{ROOT}/namespaces/{namespace}/widgets")
    refusal = f"error trying to reach service: dial tcp {served.address}:{served.port}: connect: connection refused\n"
    assert (first.status, first.body) == (503, refusal)
    down = await until(partial(available, api, "False", "FailedDiscoveryCheck"))
    assert f"failing or missing response from https://{served.address}:{served.port}{ROOT}: Get" in down["message"]
    second = await api.get(f"{ROOT}/namespaces/{namespace}/widgets")
    assert (second.status, second.body) == (503, "service unavailable\n")
    ask = partial(run, f"--cache-dir={tmp_path}", kubeconfig=server.kubeconfig, check=False)
    assert "the server is currently unable to handle the request" in await ask("get", "--raw", ROOT)
    assert "No resources found" in await ask("get", "pods", "-n", namespace)
    known = await ask("api-resources")
    assert "deployments" in known and "widgets" not in known, "clients leave out what is stale"
    stale = await until(partial(freshness, api, "Stale"))
    assert [row["resource"] for row in stale["resources"]] == ["widgets"]
    await served.start()
    await until(partial(available, api, "True", "Passed"))
    assert (await api.get(f"{ROOT}/namespaces/{namespace}/widgets")).status == 200
    await until(partial(freshness, api, "Current"))


async def freshness(api: Api, wanted: str) -> Doc | None:
    found = await entry(api)
    return found if found.get("freshness") == wanted else None


async def test_what_is_missing_is_said(api: Api, toys: ExtensionServer, namespace: str) -> None:
    where = f"/api/v1/namespaces/{namespace}/services/toys"
    await registered(api, toys.api_service())
    await api.delete(f"{slices(namespace)}/toys")
    found = await until(partial(available, api, "False", "EndpointsNotFound"))
    assert found["message"] == f'cannot find endpoints for service/toys in "{namespace}"'
    nobody = {**toys.endpoint_slice(), "endpoints": []}
    assert (await api.post(slices(namespace), nobody)).status == 201
    found = await until(partial(available, api, "False", "MissingEndpoints"))
    why = f'endpoints for service/toys in "{namespace}" have no addresses with port name "https"'
    assert found["message"] == why
    await api.patch(where, {"spec": {"ports": [{"name": "https", "port": 1}]}})
    await until(partial(available, api, "False", "ServicePortError"))
    await api.delete(where)
    found = await until(partial(available, api, "False", "ServiceNotFound"))
    assert found["message"] == f'service/toys in "{namespace}" is not present'
    assert (await api.get(f"{ROOT}/widgets")).status == 503


async def test_a_service_elsewhere(api: Api, toys: ExtensionServer, namespace: str) -> None:
    """ExternalName leads out of the cluster; the certificate must still be the service's."""
    await api.delete(f"/api/v1/namespaces/{namespace}/services/toys")
    outside = {"metadata": {"name": "toys"}, "spec": {"type": "ExternalName", "externalName": toys.address}}
    outside["spec"]["externalName"] = "localhost"
    await toys.stop()
    toys.address = "127.0.0.1"
    await toys.start()
    assert (await api.post(f"/api/v1/namespaces/{namespace}/services", outside)).status == 201
    await registered(api, toys.api_service())
    assert (await api.get(f"{ROOT}/widgets")).status == 200


async def test_whom_to_believe(api: Api, toys: ExtensionServer, front: Authority) -> None:
    other = base64.b64encode(front.ca.cert.read_bytes()).decode()
    await registered(api, toys.api_service(caBundle=other))
    refused = await api.get(f"{ROOT}/widgets")
    assert refused.status == 503 and "x509: certificate signed by unknown authority" in refused.body
    assert (await freshness(api, "Stale")) is not None
    careless = {"spec": {"caBundle": None, "insecureSkipTLSVerify": True}}
    assert (await api.patch(f"{SERVICES}/v1.{GROUP}", careless)).status == 200
    await until(partial(status_of, api, f"{ROOT}/widgets", 200))
    nonsense = {"spec": {"caBundle": base64.b64encode(b"no PEM").decode(), "insecureSkipTLSVerify": False}}
    assert (await api.patch(f"{SERVICES}/v1.{GROUP}", nonsense)).status == 200
    found = await until(partial(status_of, api, f"{ROOT}/widgets", 500))
    assert found.body == "unable to load root certificates: unable to parse bytes as PEM block\n"


async def status_of(api: Api, path: str, wanted: int) -> Answer | None:
    found = await api.get(path)
    return found if found.status == wanted else None


async def test_a_redirect_is_not_followed_nor_passed_on(api: Api, served: ExtensionServer) -> None:
    served.moved = True
    answer = await api.get(f"{ROOT}/widgets")
    why = "the backend attempted to redirect this request, which is not permitted"
    assert (answer.status, answer.body, answer.headers.get("Location")) == (502, why, None)


@pytest.mark.parametrize("features", [{"aggregated", "v2"}, {"v2"}, set()], ids=["no v3", "v2 alone", "neither"])
async def test_servers_that_speak_less(api: Api, toys: ExtensionServer, features: set[str]) -> None:
    toys.features = features
    await registered(api, toys.api_service())
    found = await until(partial(freshness, api, "Current"))
    (row,) = found["resources"]
    assert (row["resource"], row["scope"], row["verbs"][0]) == ("widgets", "Namespaced", "create")
    if "aggregated" not in features:
        assert row["subresources"][0]["subresource"] == "attach"
    index = (await api.get("/openapi/v3")).body["paths"]
    assert (ROOT[1:] in index) == ("v2" in features)
    if "v2" in features:
        document = (await api.get(index[ROOT[1:]]["serverRelativeURL"])).body
        assert document["components"]["schemas"]["toy"]["properties"]["size"]["type"] == "integer"
        (path,) = document["paths"].values()
        shape = path["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        assert shape == {"$ref": "#/components/schemas/toy"}
        assert "toy" in (await api.get("/openapi/v2")).body["definitions"]


async def test_priorities_order_groups(api: Api, toys: ExtensionServer) -> None:
    await registered(api, toys.api_service(groupPriorityMinimum=17900))
    names = [group["name"] for group in (await api.get("/apis")).body["groups"]]
    assert names[:3] == ["apiregistration.k8s.io", GROUP, "apps"]
    lower = {"spec": {"groupPriorityMinimum": 10}}
    assert (await api.patch(f"{SERVICES}/v1.{GROUP}", lower)).status == 200

    async def last() -> bool:
        return (await api.get("/apis")).body["groups"][-1]["name"] == GROUP

    await until(last)
    group = (await api.get(f"/apis/{GROUP}")).body
    assert (group["kind"], group["preferredVersion"]["version"]) == ("APIGroup", "v1")


async def test_ours_are_kept(api: Api) -> None:
    """Built-in ones are made at start and then left to their owner; a definition's live as long as it does."""
    assert (await api.get(f"{SERVICES}/v1.apps")).body["spec"] == {
        "group": "apps", "version": "v1", "groupPriorityMinimum": 17800, "versionPriority": 15}  # fmt: skip
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    schema = {"type": "object", "x-kubernetes-preserve-unknown-fields": True}
    version = {"name": "v1beta1", "served": True, "storage": True, "schema": {"openAPIV3Schema": schema}}
    crd = {"metadata": {"name": f"rods.{group}"}, "spec": {"group": group, "scope": "Namespaced", "versions": [version],
           "names": {"plural": "rods", "kind": "Rod"}}}  # fmt: skip
    definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions"
    assert (await api.post(definitions, crd)).status == 201
    one = f"{SERVICES}/v1beta1.{group}"
    found = (await until(partial(status_of, api, one, 200))).body
    assert found["metadata"]["labels"] == {"kube-aggregator.kubernetes.io/automanaged": "true"}
    assert found["status"]["conditions"][0]["reason"] == "Local"
    await api.patch(one, {"spec": {"versionPriority": 7}})

    async def mended() -> bool:
        return (await api.get(one)).body["spec"]["versionPriority"] == 100

    await until(mended)
    await api.delete(one)
    await until(partial(status_of, api, one, 200))
    await api.delete(f"{definitions}/rods.{group}")
    await until(partial(status_of, api, one, 404))
