"""What a request for a stream asks for, and what it is told where there is none."""

from __future__ import annotations

import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest
from aiohttp.test_utils import TestServer

from kubelet.config import Config
from kubelet.runtime.hollow import HollowRuntime
from kubelet.runtime.interface import ContainerSpec, SandboxSpec, Streams
from kubelet.server.authorization import Authorization
from kubelet.server.server import application, tls_context
from kubelet.server.streams import Refused, ports_of, streams_of
from machinery.component.clock import RealClock
from tests.support.pki import Authority
from tests.support.runs import a_pod

UPGRADE = {"Connection": "Upgrade", "Upgrade": "SPDY/3.1"}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"output": "1"}, Streams(stdout=True)),
        ({"input": "1", "output": "1", "error": "1"}, Streams(True, True, True)),
        ({"input": "1", "output": "1", "error": "1", "tty": "1"}, Streams(True, True, False, True)),
    ],
)
def test_streams(query: dict[str, str], expected: Streams) -> None:
    assert streams_of(query) == expected


@pytest.mark.parametrize("query", [{}, {"tty": "1"}, {"error": "1", "tty": "1"}])
def test_no_stream_at_all(query: dict[str, str]) -> None:
    with pytest.raises(Refused, match="you must specify at least 1 of stdin, stdout, stderr"):
        streams_of(query)


def test_ports() -> None:
    assert ports_of({}) == () and ports_of({"ports": "80,8080"}) == (80, 8080)
    for text in ("0", "65536", "x", "-1"):
        with pytest.raises(Refused, match="invalid port"):
            ports_of({"ports": text})


@pytest.fixture
async def client(tmp_path: Path) -> AsyncIterator[aiohttp.ClientSession]:
    """Of the API server, as its certificate says."""
    authority, runtime, pod = Authority(tmp_path), HollowRuntime(), a_pod()
    sandbox = SandboxSpec("p", "default", pod.metadata.uid)
    made = await runtime.run_sandbox(sandbox)
    await runtime.start_container(await runtime.create_container(made.id, ContainerSpec("c", "i"), sandbox))
    serving, mine = authority.issue("n"), authority.issue("api", organization="system:masters")
    config = Config(node_name="n", node_ip="127.0.0.1", tls_cert_file=str(serving.cert),
                    tls_private_key_file=str(serving.key), client_ca_file=str(authority.ca.cert))  # fmt: skip
    context = ssl.create_default_context(cafile=str(authority.ca.cert))
    context.load_cert_chain(mine.cert, mine.key)
    may = Authorization(None, "n", RealClock())
    server = TestServer(application(config, lambda: [pod], runtime, may), scheme="https", host="127.0.0.1")
    await server.start_server(ssl=tls_context(config))
    async with aiohttp.ClientSession(server.make_url("/"), connector=aiohttp.TCPConnector(ssl=context)) as session:
        yield session
    await server.close()


@pytest.mark.parametrize(
    ("path", "code", "text"),
    [
        ("exec/default/none/c?output=1", 404, 'pod "none" not found'),
        ("exec/default/{pod}/z?output=1", 500, 'container not found ("z")'),
        ("exec/default/{pod}/c", 400, "you must specify at least 1 of stdin, stdout, stderr"),
        ("exec/default/{pod}/c?output=1", 500, "exec is not possible here: this node's runtime is hollow"),
        ("attach/default/{pod}/c?output=1", 500, "attach is not possible here: this node's runtime is hollow"),
        ("portForward/default/{pod}?ports=80", 500, "port-forward is not possible here"),
    ],
)
async def test_refusals(client: aiohttp.ClientSession, path: str, code: int, text: str) -> None:
    async with client.post(f"/{path.format(pod=a_pod().metadata.name)}", headers=UPGRADE) as answer:
        assert answer.status == code
        assert (await answer.text()).startswith(text)
