"""EtcdStorage against a real etcd."""

from __future__ import annotations

import asyncio
import contextlib
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

import orjson
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from apiserver.storage.compaction import compact_once
from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from apiserver.storage.interface import (
    Compacted,
    KeyExists,
    KeyMissing,
    NoSpace,
    RevisionConflict,
    StorageError,
    Stored,
    TooLarge,
    TooLargeRevision,
    Unavailable,
)
from machinery.api.errors import BadRequest
from tests.support.etcd import Etcd, free_ports

KEY = "/registry/configmaps/default/a"


def text(name: str = "a", **data: str) -> bytes:
    return orjson.dumps({"kind": "ConfigMap", "apiVersion": "v1", "metadata": {"name": name}, "data": data})


def version(stored: Stored) -> int:
    return int(orjson.loads(stored.body)["metadata"]["resourceVersion"])


def with_data(value: str):
    def mutate(current: Stored | None) -> bytes:
        assert current
        return orjson.dumps({**orjson.loads(current.body), "data": {"k": value}})

    return mutate


async def test_create_get_and_the_revision_inside(storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text(k="1"))
    assert await storage.get(KEY) == made
    assert version(made) == made.revision > 1
    with pytest.raises(KeyExists):
        await storage.create(KEY, text())
    assert await storage.get(KEY + "bc") is None


async def test_etcd_holds_the_text_without_resource_version(etcd: Etcd, storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text())
    await storage.guaranteed_update(KEY, lambda now: now and now.body.replace(b'"data":{}', b'"data":{"x":"y"}'))
    process = await asyncio.create_subprocess_exec(
        "etcdctl", "--endpoints", etcd.url, "get", "--print-value-only", KEY, env={"ETCDCTL_API": "3"},
        stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, _ = await process.communicate()
    assert out.strip() == text(x="y")
    assert made.body.count(b"resourceVersion") == 1


async def test_update_swaps_only_what_it_read(storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text(k="0"))
    seen: list[int] = []

    async def count_up(current: Stored | None) -> bytes:
        assert current
        seen.append(current.revision)
        document = orjson.loads(current.body)
        await asyncio.sleep(0)
        document["data"]["k"] = str(int(document["data"]["k"]) + 1)
        return orjson.dumps(document)

    await asyncio.gather(*(storage.guaranteed_update(KEY, count_up, suggestion=made) for _ in range(20)))
    last = await storage.get(KEY)
    assert last and orjson.loads(last.body)["data"]["k"] == "20"
    assert len(seen) > 20, "somebody had to try again"


async def test_update_without_change_writes_nothing(storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text())
    assert await storage.guaranteed_update(KEY, lambda now: None) == made
    assert await storage.guaranteed_update(KEY, lambda now: now and now.body, suggestion=made) == made
    assert await storage.current_revision() == made.revision


async def test_update_of_what_is_absent(storage: EtcdStorage) -> None:
    with pytest.raises(KeyMissing):
        await storage.guaranteed_update(KEY, lambda now: None)
    made = await storage.guaranteed_update(KEY, lambda now: None if now else text(k="new"))
    assert await storage.get(KEY) == made


async def test_a_verdict_on_a_stale_suggestion_is_not_final(storage: EtcdStorage) -> None:
    stale = await storage.create(KEY, text(k="stale"))
    newest = await storage.guaranteed_update(KEY, with_data("newest"))

    def refuse_stale(current: Stored | None) -> bytes:
        assert current
        if b"stale" in current.body:
            raise BadRequest("stale")
        return with_data("done")(current)

    done = await storage.guaranteed_update(KEY, refuse_stale, suggestion=stale)
    assert done.revision > newest.revision
    with pytest.raises(BadRequest):
        await storage.guaranteed_update(KEY, _refuse, suggestion=stale)


def _refuse(current: Stored | None) -> bytes:
    raise BadRequest("no")


async def test_expected_revisions(storage: EtcdStorage) -> None:
    first = await storage.create(KEY, text())
    second = await storage.guaranteed_update(KEY, with_data("2"), expected_revision=first.revision)
    with pytest.raises(RevisionConflict) as conflict:
        await storage.guaranteed_update(KEY, with_data("3"), expected_revision=first.revision, suggestion=first)
    assert conflict.value.current == second
    with pytest.raises(RevisionConflict):
        await storage.delete(KEY, expected_revision=first.revision)
    gone = await storage.delete(KEY, expected_revision=second.revision)
    assert version(gone) == gone.revision == second.revision + 1
    for expected in (None, second.revision):
        with pytest.raises(KeyMissing):
            await storage.delete(KEY, expected_revision=expected)


async def test_paging_is_of_one_revision(storage: EtcdStorage) -> None:
    prefix = "/registry/configmaps/default/"
    for number in range(7):
        await storage.create(f"{prefix}c{number}", text(f"c{number}"))
    await storage.create("/registry/configmaps/default-2/x", text("x"))
    first = await storage.list(prefix, limit=3)
    assert [item.key[-2:] for item in first.items] == ["c0", "c1", "c2"]
    assert (first.more, first.remaining) == (True, 4)
    await storage.delete(prefix + "c4")
    second = await storage.list(prefix, limit=3, after=first.items[-1].key, revision=first.revision)
    assert [item.key[-2:] for item in second.items] == ["c3", "c4", "c5"]
    rest = await storage.list(prefix, limit=3, after=second.items[-1].key, revision=second.revision)
    assert [item.key[-2:] for item in rest.items] == ["c6"]
    assert (rest.more, rest.remaining, rest.revision) == (False, 0, first.revision)
    assert len((await storage.list(prefix)).items) == 6


async def test_the_past_the_compacted_past_and_the_future(storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text(k="1"))
    await storage.guaranteed_update(KEY, with_data("2"))
    assert await storage.get(KEY, made.revision) == made
    now = await storage.current_revision()
    await storage.compact(now)
    with pytest.raises(Compacted):
        await storage.get(KEY, made.revision)
    with pytest.raises(Compacted):
        await storage.list("/registry/configmaps/", revision=made.revision)
    with pytest.raises(TooLargeRevision):
        await storage.get(KEY, now + 10)
    with pytest.raises(Compacted) as compacted:
        async for _ in storage.watch("/registry/", made.revision - 1):
            pass
    assert compacted.value.oldest == now


async def test_watch_tells_each_change_once_and_in_order(storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text())
    await storage.guaranteed_update(KEY, with_data("2"))
    gone = await storage.delete(KEY)
    changes = []
    async with asyncio.timeout(60), contextlib.aclosing(storage.watch("/registry/", made.revision - 1)) as stream:
        async for batch in stream:
            changes += batch
            if len(changes) == 3:
                break
    assert [change.revision for change in changes] == [made.revision, made.revision + 1, gone.revision]
    assert [change.value is None for change in changes] == [False, False, True]
    assert changes[0].value == text()


async def test_ttl(storage: EtcdStorage) -> None:
    await storage.create(KEY, text(), ttl=1)
    async with asyncio.timeout(60):
        while await storage.get(KEY):
            await asyncio.sleep(0.1)


async def test_too_large(storage: EtcdStorage) -> None:
    for size in (1_800_000, 3_000_000):
        with pytest.raises(TooLarge):
            await storage.create(KEY, text(k="x" * size))


async def test_lost_etcd_is_a_clear_error_and_comes_back(etcd: Etcd) -> None:
    async with EtcdStorage(EtcdConfig(servers=(etcd.url,), deadline=0.4)) as storage:
        made = await storage.create(KEY, text())
        etcd.kill()
        for call in (storage.get(KEY), storage.delete(KEY), storage.current_revision()):
            with pytest.raises(Unavailable, match=etcd.url):
                await call
        await etcd.start()
        async with asyncio.timeout(60):
            while True:
                with contextlib.suppress(Unavailable):
                    assert await storage.get(KEY) == made
                    break


async def test_reads_ride_out_a_restart(etcd: Etcd, storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text())
    etcd.kill()
    read = asyncio.create_task(storage.get(KEY))
    await etcd.start()
    assert await read == made


async def test_what_is_no_etcd(tmp_path: Path) -> None:
    async def hang_up(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with EtcdStorage(EtcdConfig(servers=(f"127.0.0.1:{port}",), deadline=0.5)) as storage:
        with pytest.raises(Unavailable, match=str(port)):
            await storage.check()
    server.close()


async def test_a_foreign_etcd_behind_the_address(etcd: Etcd, storage: EtcdStorage) -> None:
    assert (await storage.check()).startswith("3.")
    etcd.lose_data()
    etcd.become_another()
    await etcd.start()
    with pytest.raises(StorageError, match="foreign etcd"):
        await storage.get(KEY)


async def test_compaction_keeps_one_interval(storage: EtcdStorage) -> None:
    made = await storage.create(KEY, text())
    turn, then = await compact_once(storage, 0, 0)
    between = await storage.guaranteed_update(KEY, with_data("2"))
    lost_turn, _ = await compact_once(storage, 0, 0)
    assert lost_turn == turn, "another API server learns whose turn it was, and compacts nothing"
    await compact_once(storage, turn, then)
    with pytest.raises(Compacted):
        await storage.get(KEY, made.revision - 1)
    assert await storage.get(KEY, between.revision) == between


def _certificates(folder: Path) -> tuple[str, str, str]:
    """One self-signed certificate that is CA, server and client at once: (ca, certificate, key) files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "etcd")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    encoded = certificate.public_bytes(Encoding.PEM)
    (folder / "cert.pem").write_bytes(encoded)
    (folder / "key.pem").write_bytes(
        key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()),
    )
    return str(folder / "cert.pem"), str(folder / "cert.pem"), str(folder / "key.pem")


async def test_tls_with_client_certificates(tmp_path: Path) -> None:
    ca, cert, key = files = _certificates(tmp_path)
    async with Etcd(tmp_path, tls=files) as etcd:
        known = EtcdConfig(servers=(etcd.url,), ca_file=ca, cert_file=cert, key_file=key)
        async with EtcdStorage(known) as storage:
            made = await storage.create(KEY, text())
            assert await storage.get(KEY) == made
        async with EtcdStorage(EtcdConfig(servers=(etcd.url,), ca_file=ca, deadline=0.5)) as stranger:
            with pytest.raises(Unavailable, match=etcd.url):
                await stranger.get(KEY)


async def test_a_full_etcd_says_what_to_do_and_still_reads(tmp_path: Path) -> None:
    quota = f"--quota-backend-bytes={2 * 1024 * 1024}"
    async with Etcd(tmp_path, quota) as etcd, EtcdStorage(EtcdConfig(servers=(etcd.url,))) as storage:
        made = await storage.create(KEY, text())
        with pytest.raises(NoSpace, match="compact"):
            for number in range(500):
                await storage.create(f"{KEY}{number}", text(k="x" * 500_000))
        assert await storage.get(KEY) == made


async def test_several_addresses(etcd: Etcd) -> None:
    dead = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with EtcdStorage(EtcdConfig(servers=(dead, etcd.url))) as storage:
        assert (await storage.create(KEY, text())).revision
