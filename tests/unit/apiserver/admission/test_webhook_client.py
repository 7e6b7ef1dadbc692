"""The client of webhooks reaches a service by its endpoints, and checks the certificate by the service's name."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apiserver.admission.matching import selector
from apiserver.admission.webhook.client import CallFailed, WebhookClient
from apiserver.admission.webhook.configurations import Hook
from apiserver.proxy.places import Place
from tests.support.pki import Authority
from tests.support.webhook import WebhookServer

REVIEW = {"request": {"uid": "1"}}


def hook(server: WebhookServer, **service: Any) -> Hook:
    doc = {"clientConfig": {"service": {"namespace": "ns", **service}, "caBundle": server.bundle}, "timeoutSeconds": 5}
    return Hook("c/0/h", "c", "h", doc, selector({}), selector({}))


@pytest.mark.parametrize("name", ["hook", "other"])
async def test_service(tmp_path: Path, name: str) -> None:
    asking = {"name": name, "port": 8443, "path": "/check"}
    async with WebhookServer(Authority(tmp_path), dns="hook.ns.svc") as server:
        asked: list[tuple[str, str, int]] = []

        async def resolve(namespace: str, service: str, port: int) -> list[Place]:
            asked.append((namespace, service, port))
            return [Place("127.0.0.1", server.port, secure=True)]

        server.ways["/check"] = lambda request: {"allowed": True}
        client = WebhookClient(resolve)
        try:
            if name == "hook":
                for _ in range(2):
                    assert b'"allowed": true' in await client.ask(hook(server, **asking), REVIEW)
                assert server.hosts == ["hook.ns.svc:8443"] * 2
            else:
                with pytest.raises(CallFailed, match=r"tls: failed to verify certificate: x509: .*other.ns.svc"):
                    await client.ask(hook(server, **asking), REVIEW)
            assert asked[0] == ("ns", name, 8443)
        finally:
            await client.close()
