"""pods/proxy, services/proxy and nodes/proxy against a server in a pod and a real kubelet."""

from __future__ import annotations

import asyncio
import gzip
import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web

from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode

HERE = "10.244.77.1"
"""The node's own end of the pods' bridge: an address like any pod's."""
PAGE = b'<html><a href="/next">next</a><img src="x.png"></html>'


@dataclass
class Backend:
    """Answers in each way that a proxy must cope with, from a thread of its own inside the node's network."""

    port: int = 0
    seen: list[tuple[str, str, dict[str, str], bytes]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self.seen.append((request.method, request.raw_path, dict(request.headers), await request.read()))
        match request.path:
            case "/page":
                return web.Response(body=PAGE, content_type="text/html")
            case "/packed":
                headers = {"Content-Encoding": "gzip"}
                return web.Response(body=gzip.compress(PAGE), content_type="text/html", headers=headers)
            case "/away":
                return web.Response(status=302, headers={"Location": f"http://{HERE}:{self.port}/page?a=b"})
            case "/slow":
                response = web.StreamResponse(headers={"X-Two": "words"})
                await response.prepare(request)
                await response.write(b"first")
                await asyncio.sleep(0.3)
                await response.write(b"second")
                return response
            case "/socket":
                socket = web.WebSocketResponse()
                await socket.prepare(request)
                async for message in socket:
                    await socket.send_str(f"echo {message.data}")
                return socket
        return web.Response(status=418, text="short and stout", headers={"X-Own": "1"})

    def run(self, ready: threading.Event, stop: threading.Event) -> None:
        asyncio.run(self._run(ready, stop))

    async def _run(self, ready: threading.Event, stop: threading.Event) -> None:
        application = web.Application()
        application.router.add_route("*", "/{tail:.*}", self.answer)
        runner = web.AppRunner(application, auto_decompress=False)
        await runner.setup()
        await web.TCPSite(runner, "0.0.0.0", 0).start()
        self.port = runner.addresses[0][1]
        ready.set()
        await asyncio.to_thread(stop.wait)
        await runner.cleanup()


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        page = "mkdir -p /www/sub; echo page > /www/index.html; echo below > /www/sub/index.html; "
        container = {"name": "c", "command": ["/bin/sh", "-c", f"{page} httpd -p 8080 -h /www; {STAYS}"],
                     "ports": [{"name": "http", "containerPort": 8080}]}  # fmt: skip
        running.pod("web", container)
        yield running


@pytest.fixture(scope="module")
def backend(node: OneNode) -> Iterator[Backend]:
    backend, ready, stop = Backend(), threading.Event(), threading.Event()
    thread = threading.Thread(target=backend.run, args=(ready, stop))
    thread.start()
    assert ready.wait(60)
    publish(node, "backend", HERE, backend.port)
    yield backend
    stop.set()
    thread.join()


def publish(node: OneNode, name: str, address: str, port: int, *, ready: bool = True) -> None:
    """A service and the slice that a controller would make for it."""
    service = {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name},
               "spec": {"ports": [{"name": "http", "port": 80}]}}  # fmt: skip
    labels = {"kubernetes.io/service-name": name}
    slices = {
        "apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "metadata": {"name": name, "labels": labels},
        "addressType": "IPv4", "ports": [{"name": "http", "port": port, "protocol": "TCP"}],
        "endpoints": [{"addresses": [address], "conditions": {"ready": ready}}],
    }  # fmt: skip
    for document in (service, slices):
        node.kubectl("create", "-f", "-", stdin=json.dumps(document))


def raw(node: OneNode, path: str) -> str:
    return node.kubectl("get", "--raw", path, check=False)


PODS, SERVICES = "/api/v1/namespaces/default/pods", "/api/v1/namespaces/default/services"


def test_pods(node: OneNode) -> None:
    assert raw(node, f"{PODS}/web/proxy/") == "page\n"
    assert raw(node, f"{PODS}/web:8080/proxy/sub/") == "below\n"
    assert raw(node, f"{PODS}/http:web:http/proxy/index.html") == "page\n"
    assert raw(node, f"{PODS}/web/proxy") == "page\n"
    assert "error trying to reach service: dial tcp 10.244.77." in raw(node, f"{PODS}/web:81/proxy/")
    assert "connect: connection refused" in raw(node, f"{PODS}/web:81/proxy/")
    assert 'pods "none" not found' in raw(node, f"{PODS}/none/proxy/")


def test_services(node: OneNode) -> None:
    address = json.loads(node.kubectl("get", "pod", "web", "-o", "json"))["status"]["podIP"]
    publish(node, "web", address, 8080)
    publish(node, "tired", address, 8080, ready=False)
    assert raw(node, f"{SERVICES}/web:80/proxy/") == "page\n"
    assert raw(node, f"{SERVICES}/http:web:http/proxy/sub/") == "below\n"
    assert 'no endpoints available for service "tired"' in raw(node, f"{SERVICES}/tired:http/proxy/")


def test_nodes(node: OneNode) -> None:
    assert raw(node, "/api/v1/nodes/n1/proxy/healthz") == "ok"
    names = [item["metadata"]["name"] for item in json.loads(raw(node, "/api/v1/nodes/n1/proxy/pods"))["items"]]
    assert names == ["web"]
    assert "# TYPE" in raw(node, f"/api/v1/nodes/n1:{node.kubelet.port}/proxy/metrics")
    assert 'nodes "none" not found' in raw(node, "/api/v1/nodes/none/proxy/healthz")
    run = "/api/v1/nodes/n1/proxy/run/default/web/c?cmd=echo+one"
    assert node.kubectl("create", "--raw", run, "-f", "/dev/null") == "one\n"


async def test_http(node: OneNode, backend: Backend) -> None:
    prefix = f"{SERVICES}/backend:http/proxy"
    url = node.server.url + prefix
    connector = aiohttp.TCPConnector(ssl=node.server.context())
    async with aiohttp.ClientSession(connector=connector) as session:
        for method in ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "HEAD"):
            given = {"Authorization": "Bearer secret", "X-Own": "2"} if method == "PUT" else {"X-Own": "2"}
            body = None if method in ("GET", "HEAD", "OPTIONS") else b"body" * 1000
            if "Authorization" not in given:
                async with session.request(method, f"{url}/a%2Fb?x=%20y", headers=given, data=body) as answer:
                    assert (answer.status, answer.headers["X-Own"]) == (418, "1")
                    assert await answer.read() == (b"" if method == "HEAD" else b"short and stout")
                seen = backend.seen[-1]
                assert (seen[0], seen[1], seen[3]) == (method, "/a%2Fb?x=%20y", body or b"")
                assert seen[2]["X-Own"] == "2" and seen[2]["Host"] == f"127.0.0.1:{node.server.port}"
                assert seen[2]["X-Forwarded-Uri"] == f"{prefix}/a%2Fb"
        packed = gzip.compress(b"body")
        async with session.post(url + "/x", data=packed, headers={"Content-Encoding": "gzip"}) as answer:
            assert answer.status == 418 and backend.seen[-1][3] == packed
        async with session.get(f"{url}/page") as answer:
            expected = PAGE.decode().replace("/next", f"{prefix}/next")
            assert await answer.text() == expected
        async with session.get(f"{url}/packed") as answer:
            assert (answer.headers["Content-Encoding"], await answer.text()) == ("gzip", expected)
        async with session.get(f"{url}/away", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (302, f"{prefix}/page?a=b")
        async with session.get(f"{url}?q=1", allow_redirects=False) as answer:
            assert (answer.status, answer.headers["Location"]) == (301, f"{prefix}/?q=1")
        async with session.get(f"{url}/slow") as answer:
            assert (await answer.content.readany(), answer.headers["X-Two"]) == (b"first", "words")
            assert await answer.read() == b"second"


async def test_upgrades(node: OneNode, backend: Backend) -> None:
    connector = aiohttp.TCPConnector(ssl=node.server.context())
    async with (
        aiohttp.ClientSession(connector=connector) as session,
        session.ws_connect(f"{node.server.url}{SERVICES}/backend:80/proxy/socket") as socket,
    ):
        for text in ("one", "two" * 10000):
            await socket.send_str(text)
            assert await socket.receive_str(timeout=60) == f"echo {text}"
