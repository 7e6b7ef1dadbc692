"""What those who run the server rely on: limits, deadlines, health, metrics, certificates, a stop that hurts nobody."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json
import shutil
import signal
import ssl
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from tests.integration.apiserver.conftest import Api
from tests.support.apiserver import ApiServer
from tests.support.controlplane import one_server
from tests.support.permissions import allowed_everything
from tests.support.pki import Authority
from tests.support.waiting import until

MAPS = "/api/v1/namespaces/default/configmaps"


@contextlib.asynccontextmanager
async def client_of(server: ApiServer, context: ssl.SSLContext | None = None) -> AsyncIterator[Api]:
    connector = aiohttp.TCPConnector(ssl=context or server.context(), limit=0)
    async with aiohttp.ClientSession(connector=connector) as session:
        yield Api(session, server.url)


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    """Few places for writes, and the plain limits: what fairness does has tests of its own."""
    flags = ("--enable-priority-and-fairness=false", "--max-mutating-requests-inflight=3")
    with one_server(tmp_path_factory.mktemp("narrow"), *flags) as running:
        yield running


@pytest.fixture
async def own(tmp_path: Path) -> AsyncIterator[ApiServer]:
    """For who changes its files, or stops it."""
    async with ApiServer(tmp_path, "--shutdown-delay-duration=3s") as running:
        yield running
        running.kill()


# --- limits


async def test_a_body_that_is_too_large_is_refused_while_it_is_read(api: Api) -> None:
    large = json.dumps({"metadata": {"name": "large"}, "data": {"k": "x" * (4 << 20)}}).encode()

    async def in_chunks() -> AsyncIterator[bytes]:
        for start in range(0, len(large), 65536):
            yield large[start : start + 65536]

    for data in (large, in_chunks()):
        headers = {"Content-Type": "application/json"}
        async with api.session.post(api.url + MAPS, data=data, headers=headers) as answer:
            status = await answer.json()
            assert (answer.status, status["reason"]) == (413, "RequestEntityTooLarge")
            assert status["message"] == "Request entity too large: limit is 3145728"


async def test_a_compressed_body_is_not_unpacked(api: Api) -> None:
    bomb = gzip.compress(b" " * (64 << 20))
    answer = await api.post(MAPS, bomb, Content_Encoding="gzip")
    assert answer.status == 400 and answer.body["kind"] == "Status"


async def test_long_headers_and_urls(api: Api) -> None:
    selector = ",".join(f"label{index}!=value" for index in range(3000))
    assert (await api.get(f"{MAPS}?labelSelector={selector}")).status == 200, "Kubernetes takes up to 1 MB of headers"
    with contextlib.suppress(aiohttp.ClientError):
        answer = await api.get(MAPS, X_Long="x" * (2 << 20))
        assert answer.status in (400, 431)
    assert (await api.get(MAPS)).status == 200


async def test_timeout_parameter(api: Api) -> None:
    assert (await api.get(f"{MAPS}?timeout=10s")).status == 200
    wrong = await api.get(f"{MAPS}?timeout=soon")
    assert wrong.status == 400
    assert wrong.message == 'invalid timeout specified in the request URL - time: invalid duration "soon"'


async def test_metrics_under_the_known_names(api: Api) -> None:
    await api.get(MAPS)
    text = (await api.get("/metrics")).body
    names = {line.split()[2] for line in text.splitlines() if line.startswith("# TYPE ")}
    assert names >= {
        "apiserver_request_total", "apiserver_request_duration_seconds", "apiserver_current_inflight_requests",
        "apiserver_longrunning_requests", "apiserver_storage_objects", "apiserver_watch_events_total",
        "apiserver_audit_event_total", "etcd_request_duration_seconds", "apiserver_response_sizes",
        "apiserver_request_terminations_total", "process_cpu_seconds_total", "process_resident_memory_bytes",
        "process_open_fds", "process_start_time_seconds", "kubernetes_build_info",
    }  # fmt: skip
    assert 'apiserver_storage_objects{resource="namespaces"}' in text
    assert 'etcd_request_duration_seconds_count{operation="create",type="namespaces"}' in text


# --- bad clients


def head(length: int) -> bytes:
    lines = [f"POST {MAPS} HTTP/1.1", "Host: a", "Content-Type: application/json", f"Content-Length: {length}", "", ""]
    return "\r\n".join(lines).encode()


async def test_whoever_says_half_a_sentence_hurts_nobody(narrow: ApiServer) -> None:
    held = [await asyncio.open_connection("127.0.0.1", narrow.port, ssl=narrow.context()) for _ in range(50)]
    for _, writer in held:
        writer.write(f"POST {MAPS} HTTP/1.1\r\nHost: a\r\nX-Never-".encode())
    async with client_of(narrow) as client:
        assert (await client.post(MAPS, {"metadata": {"name": "a"}})).status == 201
    for _, writer in held:
        writer.close()


async def spoken(server: ApiServer, *said: bytes) -> bytes:
    """What the server answers to each part."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=server.context())
    heard = b""
    async with asyncio.timeout(60):
        for part in said:
            writer.write(part)
            heard += await reader.read(1000)
    writer.close()
    return heard


async def test_odd_requests(narrow: ApiServer) -> None:
    body = json.dumps({"metadata": {"name": "patient"}}).encode()
    asked = head(len(body)).replace(b"Host", b"Expect: 100-continue\r\nHost")
    answers = await spoken(narrow, asked, body)
    assert answers.startswith(b"HTTP/1.1 100 Continue\r\n\r\n") and b" 201 Created" in answers
    assert b" 413 " in await spoken(narrow, head(1 << 30) + b"{"), "what is announced need not come"
    assert b" 504 " in await spoken(narrow, head(99).replace(b" HTTP", b"?timeout=1s HTTP") + b"{")
    assert b" 400 " in await spoken(narrow, b"NONSENSE\r\n\r\n")
    _, writer = await asyncio.open_connection("127.0.0.1", narrow.port, ssl=narrow.context())
    writer.write(head(99) + b"{")
    await writer.drain()
    writer.transport.abort()
    async with client_of(narrow) as client:
        assert (await client.get(f"{MAPS}/patient")).status == 200
    assert "Traceback" not in narrow.log.read_text()


async def test_too_many_writes_at_once(narrow: ApiServer) -> None:
    """Bodies that never come to their end hold the places; administrators are heard nevertheless."""
    plain = narrow.context(narrow.authority.issue("alice"))
    async with client_of(narrow) as admin, client_of(narrow, plain) as alice:
        await allowed_everything(admin, "alice")
        async with asyncio.timeout(60):
            while (await alice.get(MAPS)).status == 403:
                await asyncio.sleep(0.02)
    held = [await asyncio.open_connection("127.0.0.1", narrow.port, ssl=plain) for _ in range(3)]
    for _, writer in held:
        writer.write(head(99) + b"{")
    async with client_of(narrow, plain) as alice, client_of(narrow) as admin:
        async with asyncio.timeout(60):
            while (refused := await alice.post(MAPS, {"metadata": {"name": "b"}})).status != 429:
                await alice.delete(f"{MAPS}/b")
        assert (refused.body["reason"], refused.headers["Retry-After"]) == ("TooManyRequests", "1")
        assert refused.message == "Too many requests, please try again later."
        assert (await alice.get(MAPS)).status == 200, "reading has places of its own"
        assert (await admin.post(MAPS, {"metadata": {"name": "c"}})).status == 201
        for _, writer in held:
            writer.close()
        async with asyncio.timeout(60):
            while (await alice.post(MAPS, {"metadata": {"name": "d"}})).status == 429:
                await asyncio.sleep(0.05)


# --- certificates


async def serial(server: ApiServer, context: ssl.SSLContext) -> str:
    _, writer = await asyncio.open_connection("127.0.0.1", server.port, ssl=context)
    number = writer.get_extra_info("peercert")["serialNumber"]
    writer.close()
    return number


async def test_new_certificates_are_used_without_a_restart(own: ApiServer) -> None:
    context = own.context()
    first = await serial(own, context)
    async with client_of(own) as client:
        assert (await client.get(MAPS)).status == 200
        renewed = own.authority.issue("renewed")
        shutil.copy(renewed.cert, own.serving.cert)
        assert await serial(own, context) == first, "half a pair is no pair"
        assert "the old certificates stay in use" in own.log.read_text()
        shutil.copy(renewed.key, own.serving.key)
        assert await serial(own, context) != first
        assert (await client.get(MAPS)).status == 200, "a connection that stands goes on"


async def test_a_new_client_ca_is_used_without_a_restart(own: ApiServer, tmp_path: Path) -> None:
    folder = tmp_path / "others"
    folder.mkdir()
    other = Authority(folder)
    admin = other.issue("kubernetes-admin", organization="system:masters")
    stranger = ssl.create_default_context(cafile=str(own.authority.ca.cert))
    stranger.load_cert_chain(admin.cert, admin.key)
    async with client_of(own, stranger) as new, client_of(own) as old:
        assert ((await new.get(MAPS)).status, (await old.get(MAPS)).status) == (401, 200)
        own.authority.ca.cert.write_text("nonsense")
        async with asyncio.timeout(60):
            while "the old authorities stay in use" not in own.log.read_text():
                assert ((await new.get(MAPS)).status, (await old.get(MAPS)).status) == (401, 200)
                await asyncio.sleep(0.1)
        assert ((await new.get(MAPS)).status, (await old.get(MAPS)).status) == (401, 200)
        shutil.copy(other.ca.cert, own.authority.ca.cert)
        async with asyncio.timeout(60):
            while (await new.get(MAPS)).status == 401:
                await asyncio.sleep(0.1)
        assert (await old.get(MAPS)).status == 401


# --- stopping


async def test_a_stop_in_good_order(own: ApiServer) -> None:
    """Not ready at once, served until the delay is over; running requests are answered, watches end, exit code 0."""
    assert own.process is not None
    lines: list[bytes] = []

    async def watch(client: Api) -> None:
        async with client.session.get(f"{own.url}{MAPS}?watch=true") as answer:
            lines.extend([line async for line in answer.content])

    async with client_of(own) as client, client_of(own) as other:
        watching = asyncio.create_task(watch(other))
        reader, writer = await asyncio.open_connection("127.0.0.1", own.port, ssl=own.context())
        body = json.dumps({"metadata": {"name": "late"}})
        writer.write(head(len(body)) + body[:5].encode())
        await until(lambda: not watching.done())
        assert (await client.get("/readyz")).status == 200
        own.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(2.5):
            while (ready := await client.get("/readyz")).status == 200:
                await asyncio.sleep(0.01)
        assert "[-]shutdown failed: reason withheld" in ready.body
        assert (await client.get("/livez")).status == 200
        assert (await client.post(MAPS, {"metadata": {"name": "meanwhile"}})).status == 201
        async with asyncio.timeout(60):
            await watching
            with pytest.raises(aiohttp.ClientError):
                while True:
                    await client.get("/livez")
                    await asyncio.sleep(0.05)
            writer.write(body[5:].encode())
            assert b" 201 " in await reader.readline(), "what had begun is finished"
        assert await asyncio.to_thread(own.process.wait, 60) == 0
    assert any(b"meanwhile" in line for line in lines)
    assert "Traceback" not in own.log.read_text()
