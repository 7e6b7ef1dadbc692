"""One API server for each file of tests, and for each test a namespace of its own."""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from tests.support.apiserver import ApiServer, running


@dataclass(frozen=True)
class Answer:
    """What the server said."""

    status: int
    body: Any
    headers: Any

    @property
    def message(self) -> str:
        return self.body["message"]

    @property
    def revision(self) -> str:
        return self.body["metadata"]["resourceVersion"]


class Api:
    """Plain HTTP, so that a test sees exactly what goes over the wire."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def __call__(
        self, method: str, path: str, body: Any = None, *, content_type: str = "application/json", **headers: str
    ) -> Answer:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        data = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if data is not None:
            given["Content-Type"] = content_type
        async with self.session.request(method, self.url + path, data=data, headers=given) as answer:
            raw = await answer.read()
            is_json = answer.content_type == "application/json"
            return Answer(answer.status, json.loads(raw) if is_json and raw else raw.decode(), answer.headers)

    async def get(self, path: str, **headers: str) -> Answer:
        return await self("GET", path, **headers)

    async def post(self, path: str, body: Any, **options: str) -> Answer:
        return await self("POST", path, body, **options)

    async def put(self, path: str, body: Any, **options: str) -> Answer:
        return await self("PUT", path, body, **options)

    async def delete(self, path: str, body: Any = None) -> Answer:
        return await self("DELETE", path, body)

    async def patch(self, path: str, body: Any, kind: str = "merge-patch") -> Answer:
        return await self("PATCH", path, body, content_type=f"application/{kind}+json")

    async def watch(self, path: str, *, count: int, **headers: str) -> list[dict[str, Any]]:
        """The first events of a watch."""
        found: list[dict[str, Any]] = []
        async with asyncio.timeout(60), self.session.get(self.url + path, headers=headers) as answer:
            async for line in answer.content:
                found.append(json.loads(line))
                if len(found) == count:
                    break
        return found


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    folder: Path = tmp_path_factory.mktemp("apiserver")
    with running(ApiServer(folder)) as started:
        yield started


@pytest.fixture
async def api(server: ApiServer) -> AsyncIterator[Api]:
    connector = aiohttp.TCPConnector(ssl=server.context())
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Api(session, server.url)


@pytest.fixture
async def namespace(api: Api) -> str:
    name = f"t-{uuid.uuid4().hex[:8]}"
    answer = await api.post("/api/v1/namespaces", {"metadata": {"name": name}})
    assert answer.status == 201, answer.body
    return name


def pod(name: str = "web", **spec: Any) -> dict[str, Any]:
    """The smallest pod."""
    containers = [{"name": "c", "image": "nginx:1.25"}]
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name}},
        "spec": {"containers": containers, **spec},
    }


def deployment(name: str = "web", **spec: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": name}}, "spec": {"containers": [{"name": "c", "image": "nginx:1.25"}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {"selector": {"matchLabels": {"app": name}}, "template": template, **spec},
    }
