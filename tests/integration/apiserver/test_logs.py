"""`logs`: the API server asks the kubelet of the pod's node and passes on what it sends, as it comes."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from tests.integration.apiserver.conftest import Api, pod
from tests.support.apiserver import ApiServer


@dataclass
class Kubelet:
    """Answers /containerLogs over TLS and insists on a certificate."""

    port: int = 0
    asked: list[tuple[str, dict[str, str], str]] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.Request) -> web.StreamResponse:
        who = dict(pair for part in request.transport.get_extra_info("peercert")["subject"] for pair in part)
        self.asked.append((request.path, dict(request.query), who["commonName"]))
        if "previous" in request.query:
            return web.Response(status=400, text='previous terminated container "c" in pod "web" not found')
        response = web.StreamResponse()
        response.content_type = "text/plain"
        await response.prepare(request)
        await response.write(b"one\n")
        if "follow" in request.query:
            with contextlib.suppress(asyncio.CancelledError):
                await self.go_on.wait()
            if not self.go_on.is_set():
                self.left.set()
                return response
            await response.write(b"two\n")
        return response


@pytest.fixture
async def kubelet(server: ApiServer) -> AsyncIterator[Kubelet]:
    running = Kubelet()
    application = web.Application()
    application.router.add_get("/containerLogs/{namespace}/{pod}/{container}", running.answer)
    runner = web.AppRunner(application, handler_cancellation=True)
    await runner.setup()
    context = server.authority.server_context(server.authority.issue("system:node:n1"))
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    running.port = runner.addresses[0][1]
    yield running
    await runner.cleanup()


@pytest.fixture
async def path(api: Api, namespace: str, kubelet: Kubelet) -> str:
    node = {
        "metadata": {"name": f"node-{namespace}"},
        "status": {
            "addresses": [{"type": "InternalIP", "address": "127.0.0.1"}],
            "daemonEndpoints": {"kubeletEndpoint": {"Port": kubelet.port}},
        },
    }
    assert (await api.post("/api/v1/nodes", node)).status == 201
    await api.post(f"/api/v1/namespaces/{namespace}/pods", pod(nodeName=f"node-{namespace}"))
    return f"/api/v1/namespaces/{namespace}/pods/web/log"


async def test_plain_log(api: Api, path: str, namespace: str, kubelet: Kubelet) -> None:
    answer = await api.get(f"{path}?tailLines=5&timestamps=true&pretty=x")
    assert (answer.status, answer.body) == (200, "one\n")
    assert kubelet.asked == [
        (
            f"/containerLogs/{namespace}/web/c",
            {"tailLines": "5", "timestamps": "true"},
            "kube-apiserver-kubelet-client",
        )
    ]


async def test_follow_passes_lines_on_as_they_come(api: Api, path: str, kubelet: Kubelet) -> None:
    async with asyncio.timeout(60), api.session.get(f"{api.url}{path}?follow=true") as answer:
        assert await answer.content.readline() == b"one\n"
        kubelet.go_on.set()
        assert await answer.content.readline() == b"two\n"
        assert await answer.content.read() == b""


async def test_the_kubelets_refusal_is_told(api: Api, path: str) -> None:
    answer = await api.get(f"{path}?previous=true")
    assert (answer.status, answer.body["reason"]) == (400, "BadRequest")
    assert answer.message == 'previous terminated container "c" in pod "web" not found'


async def test_a_pod_without_a_node_has_an_empty_log(api: Api, namespace: str) -> None:
    await api.post(f"/api/v1/namespaces/{namespace}/pods", pod("free"))
    answer = await api.get(f"/api/v1/namespaces/{namespace}/pods/free/log")
    assert (answer.status, answer.body) == (200, "")


async def test_a_follower_who_leaves_is_missed_by_the_kubelet_too(api: Api, path: str, kubelet: Kubelet) -> None:
    answer = await api.session.get(f"{api.url}{path}?follow=true")
    assert await answer.content.readline() == b"one\n"
    answer.close()
    async with asyncio.timeout(60):
        await kubelet.left.wait()
