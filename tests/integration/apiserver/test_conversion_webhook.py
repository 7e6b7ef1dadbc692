"""Two versions of a kind with different fields, converted by a real webhook server; and one that fails."""

from __future__ import annotations

import asyncio
import base64
import ssl
import uuid
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from tests.integration.apiserver.conftest import Api
from tests.integration.apiserver.test_custom_resources import CRDS, established
from tests.support.apiserver import ApiServer

FIELDS = {"v1": "size", "v2": "length"}


class Webhook:
    """Renames spec.size to spec.length and back; or does whatever else `answer` is set to."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        self.fails = ""
        self.url = ""

    async def handle(self, request: web.Request) -> web.Response:
        review = await request.json()
        asked = review["request"]
        self.asked.append(asked)
        result = {"status": "Failure", "message": self.fails} if self.fails else {"status": "Success"}
        objects = [] if self.fails else [self.converted(each, asked["desiredAPIVersion"]) for each in asked["objects"]]
        response = {"uid": asked["uid"], "result": result, "convertedObjects": objects}
        return web.json_response({**{key: review[key] for key in ("apiVersion", "kind")}, "response": response})

    @staticmethod
    def converted(obj: dict[str, Any], api_version: str) -> dict[str, Any]:
        wanted = FIELDS[api_version.rpartition("/")[2]]
        (value,) = obj["spec"].values()
        return {**obj, "apiVersion": api_version, "spec": {wanted: value}}


@pytest.fixture
async def webhook(server: ApiServer) -> AsyncIterator[Webhook]:
    hook, pair = Webhook(), server.authority.issue("webhook")
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(pair.cert, pair.key)
    app = web.Application()
    app.router.add_post("/convert", hook.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=context)
    await site.start()
    hook.url = f"https://127.0.0.1:{runner.addresses[0][1]}/convert"
    yield hook
    await runner.cleanup()


@pytest.fixture
async def paths(api: Api, server: ApiServer, webhook: Webhook, namespace: str) -> dict[str, str]:
    """The collections of the two versions."""
    group = f"g{uuid.uuid4().hex[:8]}.example.com"
    bundle = base64.b64encode(server.authority.ca.cert.read_bytes()).decode()
    config = {"clientConfig": {"url": webhook.url, "caBundle": bundle}, "conversionReviewVersions": ["v1"]}
    crd = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition",
        "metadata": {"name": f"rods.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": "rods", "kind": "Rod"},
            "conversion": {"strategy": "Webhook", "webhook": config},
            "versions": [
                {"name": name, "served": True, "storage": name == "v1", "schema": {"openAPIV3Schema": {
                    "type": "object", "properties": {"spec": {
                        "type": "object", "properties": {field: {"type": "integer"}}}}}}}
                for name, field in FIELDS.items()
            ],
        },
    }  # fmt: skip
    made = await api.post(CRDS, crd)
    assert made.status == 201, made.body
    await established(api, f"rods.{group}")
    return {name: f"/apis/{group}/{name}/namespaces/{namespace}/rods" for name in FIELDS}


def rod(path: str, name: str = "one", **spec: int) -> dict[str, Any]:
    group, version = path.split("/")[2:4]
    return {"apiVersion": f"{group}/{version}", "kind": "Rod", "metadata": {"name": name}, "spec": spec}


async def test_each_version_shows_its_own_fields(api: Api, webhook: Webhook, paths: dict[str, str]) -> None:
    made = await api.post(paths["v2"], rod(paths["v2"], length=5))
    assert (made.status, made.body["spec"]) == (201, {"length": 5})
    assert (await api.get(f"{paths['v1']}/one")).body["spec"] == {"size": 5}
    changed = await api.patch(f"{paths['v2']}/one", {"spec": {"length": 6}})
    assert changed.body["spec"] == {"length": 6} and changed.body["metadata"]["generation"] == 2
    assert (await api.get(f"{paths['v1']}/one")).body["spec"] == {"size": 6}
    events = await api.watch(f"{paths['v2']}?watch=true", count=1)
    assert events[0]["object"]["spec"] == {"length": 6}


async def test_many_are_asked_for_at_once_and_once(api: Api, webhook: Webhook, paths: dict[str, str]) -> None:
    await asyncio.gather(*(api.post(paths["v1"], rod(paths["v1"], f"r{n}", size=n + 1)) for n in range(5)))
    for _ in range(2):
        listed = (await api.get(paths["v2"])).body["items"]
        assert sorted(each["spec"]["length"] for each in listed) == [1, 2, 3, 4, 5]
    assert [len(each["objects"]) for each in webhook.asked] == [5]


async def test_failures_say_why_and_leave_the_other_version_alone(
    api: Api, webhook: Webhook, paths: dict[str, str]
) -> None:
    await api.post(paths["v1"], rod(paths["v1"], size=3))
    webhook.fails = "not today"
    refused = await api.get(f"{paths['v2']}/one")
    assert refused.status == 500
    assert "conversion webhook for" in refused.message and refused.message.endswith("Kind=Rod failed: not today")
    assert (await api.get(f"{paths['v1']}/one")).status == 200
    ended = await api.watch(f"{paths['v2']}?watch=true", count=1)
    assert (ended[0]["type"], ended[0]["object"]["code"]) == ("ERROR", 500)
    webhook.fails = ""
    assert (await api.get(f"{paths['v2']}/one")).body["spec"] == {"length": 3}
