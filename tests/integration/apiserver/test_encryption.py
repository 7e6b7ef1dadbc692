"""What etcd really holds of a Secret, and what becomes of the server when keys change or are lost."""

from __future__ import annotations

import base64
from pathlib import Path

import aiohttp
import yaml

from tests.integration.apiserver.conftest import Api
from tests.support.apiserver import ApiServer
from tests.support.kubectl import kubectl, newest
from tests.support.waiting import until

PATH = "/api/v1/namespaces/default/secrets"
KEYS = {f"key{number}": base64.b64encode(bytes([number]) * 32).decode() for number in (1, 2)}
AES, BOX = b"k8s:enc:aesgcm:v1:key1:", b"k8s:enc:secretbox:v1:key2:"


def write(file: Path, *providers: str) -> None:
    """Each provider as `aesgcm/key1`."""
    made = []
    for name, _, key in (provider.partition("/") for provider in providers):
        made.append({name: {"keys": [{"name": key, "secret": KEYS[key]}]} if key else {}})
    entry = {"resources": ["secrets", "*.apps"], "providers": made}
    head = {"apiVersion": "apiserver.config.k8s.io/v1", "kind": "EncryptionConfiguration"}
    file.write_text(yaml.safe_dump(head | {"resources": [entry]}))


def secret(name: str) -> dict:
    return {"metadata": {"name": name}, "stringData": {"password": "open sesame"}}


def session_of(server: ApiServer) -> aiohttp.ClientSession:
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=server.context()))


async def held(server: ApiServer, key: str) -> bytes:
    """What etcd has, past our server and our client."""
    asked = {"key": base64.b64encode(f"/registry/{key}".encode()).decode()}
    async with aiohttp.request("POST", f"{server.etcd.url}/v3/kv/range", json=asked) as answer:
        return base64.b64decode((await answer.json(content_type=None))["kvs"][0]["value"])


async def test_rotation_from_plain_text_over_two_keys_and_a_key_that_is_lost(tmp_path: Path) -> None:
    file = tmp_path / "encryption.yaml"
    flags = ("--encryption-provider-config", str(file), "--encryption-provider-config-automatic-reload", "true")
    write(file, "identity")
    async with ApiServer(tmp_path, *flags) as server, session_of(server) as session:
        api = Api(session, server.url)
        await api.post(PATH, secret("a"))
        assert (await held(server, "secrets/default/a")).startswith(b"{")
        server.stop()
        write(file, "aesgcm/key1", "identity")
        await server.start()
        await api.post(PATH, secret("b"))
        await api.post("/api/v1/namespaces/default/configmaps", {"metadata": {"name": "c"}})
        sealed = await held(server, "secrets/default/b")
        assert sealed.startswith(AES) and b"sesame" not in sealed
        assert (await held(server, "configmaps/default/c")).startswith(b"{")
        assert len((await api.get(PATH)).body["items"]) == 2
        await rewritten(server)
        assert (await held(server, "secrets/default/a")).startswith(AES)
        again = (await api.get(f"{PATH}/b")).body["metadata"]["resourceVersion"]
        await rewritten(server)
        assert (await api.get(f"{PATH}/b")).body["metadata"]["resourceVersion"] == again

        write(file, "secretbox/key2", "aesgcm/key1")
        await until(lambda: "new encryption configuration" in server.log.read_text(), 60)
        await rewritten(server)
        assert (await held(server, "secrets/default/b")).startswith(BOX)
        await api.post(PATH, secret("d"))

        server.stop()
        write(file, "aesgcm/key1", "identity")
        await server.start()
        await lost(api)
        write(file, "aesgcm/key1", "secretbox/key2")
        await until(lambda: server.log.read_text().count("new encryption configuration") == 2, 60)
        assert (await api.get(f"{PATH}/d")).status == 200
        assert len((await api.get(PATH)).body["items"]) == 3


async def lost(api: Api) -> None:
    """The server serves on; whoever asks for what it cannot read is told so."""
    why = 'Internal error occurred: unable to transform key "/registry/secrets/default/{}": no matching prefix found'
    one, every = await api.get(f"{PATH}/d"), await api.get(PATH)
    assert (one.status, one.message) == (500, why.format("d"))
    assert (every.status, every.message) == (500, why.format("a"))
    elsewhere = await api.get("/api/v1/namespaces/kube-system/secrets")
    assert (elsewhere.status, elsewhere.body["items"]) == (200, [])
    assert (await api.post(PATH, secret("new"))).status == 201
    assert (await api.get(f"{PATH}/new")).status == 200
    assert (await api.delete(f"{PATH}/new")).status == 200
    assert (await api.get("/api/v1/namespaces")).status == 200


async def rewritten(server: ApiServer) -> None:
    """As Kubernetes' handbook has it."""
    every = kubectl("get", "secrets", "-A", "-o", "json", binary=newest(), kubeconfig=server.kubeconfig)
    kubectl("replace", "-f", "-", binary=newest(), kubeconfig=server.kubeconfig, stdin=every)


async def test_a_mistake_refuses_the_start(tmp_path: Path) -> None:
    file = tmp_path / "encryption.yaml"
    write(file, "aesgcm/key1")
    file.write_text(file.read_text().replace(KEYS["key1"], "c2hvcnQ="))
    server = ApiServer(tmp_path, "--encryption-provider-config", str(file))
    server.spawn()
    await until(lambda: server.process.poll() is not None, 60)
    assert "resources[0].providers[0].aesgcm.keys[0].secret: Invalid value" in server.log.read_text()
    assert "c2hvcnQ" not in server.log.read_text()
