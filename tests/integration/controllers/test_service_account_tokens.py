"""The tokens controller on a real API server, which believes what it signs."""

from __future__ import annotations

import base64
import ssl

import aiohttp

from controllers.service_account_tokens import NAME, TYPE
from machinery.api.core.v1 import Secret, ServiceAccount
from machinery.api.errors import NotFound
from machinery.api.meta.v1 import ObjectMeta
from tests.support.apiserver import ApiServer
from tests.support.controlplane import ControlPlane

WHOAMI = "/apis/authentication.k8s.io/v1/selfsubjectreviews"


async def whoami(server: ApiServer, token: str) -> str:
    """The user's name, or the status code."""
    context = ssl.create_default_context(cafile=str(server.authority.ca.cert))
    headers = {"Authorization": f"Bearer {token}"}
    async with (
        aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=context), headers=headers) as session,
        session.post(server.url + WHOAMI, json={}) as answer,
    ):
        return (await answer.json())["status"]["userInfo"]["username"] if answer.ok else str(answer.status)


async def test_a_secret_gets_a_token_that_holds_until_its_account_goes(server: ApiServer) -> None:
    async with ControlPlane(server, service_account_private_key_file=str(server.signing_key)) as plane:
        client, namespace = plane.client, plane.namespace
        await client.create(ServiceAccount(metadata=ObjectMeta(name="robot", namespace=namespace)))
        meta = {"name": "robot-token", "namespace": namespace, "annotations": {NAME: "robot"}}
        await client.create(Secret.from_dict({"metadata": meta, "type": TYPE}))

        async def filled() -> bool:
            return "token" in (await client.get(Secret, "robot-token", namespace)).data

        await plane.eventually(filled)
        data = (await client.get(Secret, "robot-token", namespace)).data
        assert base64.b64decode(data["ca.crt"]).decode() == server.authority.ca.cert.read_text()
        token = base64.b64decode(data["token"]).decode()
        assert await whoami(server, token) == f"system:serviceaccount:{namespace}:robot"
        await client.delete(ServiceAccount, "robot", namespace)
        assert await whoami(server, token) == "401"

        async def gone() -> bool:
            try:
                await client.get(Secret, "robot-token", namespace)
            except NotFound:
                return True
            return False

        await plane.eventually(gone)


async def test_a_secret_of_nobody_goes(server: ApiServer) -> None:
    async with ControlPlane(server, service_account_private_key_file=str(server.signing_key)) as plane:
        meta = {"name": "x", "namespace": plane.namespace, "annotations": {NAME: "nobody"}}
        await plane.client.create(Secret.from_dict({"metadata": meta, "type": TYPE}))

        async def gone() -> bool:
            return "x" not in [each.metadata.name for each in (await plane.client.list(Secret, plane.namespace)).items]

        await plane.eventually(gone)
