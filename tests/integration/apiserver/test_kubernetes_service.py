"""The `kubernetes` Service, the Leases of API servers, and reservations: who is there, who leaves, what is repaired."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import orjson

from apiserver.bootstrap import repair
from apiserver.registry.core.service_ranges import KUBERNETES, Owner, ServiceRanges, Taken
from apiserver.storage.connection import EtcdConfig
from apiserver.storage.etcd import EtcdStorage
from tests.integration.apiserver.conftest import Api
from tests.support.apiserver import ApiServer
from tests.support.etcd import Etcd

ENDPOINTS = "/api/v1/namespaces/default/endpoints/kubernetes"
SLICE = "/apis/discovery.k8s.io/v1/namespaces/default/endpointslices/kubernetes"
LEASES = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases"
SERVICES = "/api/v1/namespaces/default/services"


@contextlib.asynccontextmanager
async def two(folder: Path) -> AsyncIterator[tuple[ApiServer, ApiServer, Api]]:
    """Both start at once on an empty etcd."""
    (folder / "second").mkdir()
    async with Etcd(folder) as etcd:
        first = ApiServer(folder, etcd=etcd)
        second = ApiServer(folder / "second", "--advertise-address=127.0.0.2", etcd=etcd, authority=first.authority)
        try:
            await asyncio.gather(first.start(), second.start())
            connector = aiohttp.TCPConnector(ssl=first.context())
            async with aiohttp.ClientSession(connector=connector) as session:
                yield first, second, Api(session, first.url)
        finally:
            first.stop()
            second.stop()


async def behind(client: Api, wanted: list[str]) -> None:
    """Endpoints and slice come to lead there."""
    found: list[list[str]] = []
    try:
        async with asyncio.timeout(60):
            while found != [wanted, wanted]:
                points, part = (await client.get(ENDPOINTS)).body, (await client.get(SLICE)).body
                found = [
                    [each["ip"] for each in points["subsets"][0]["addresses"]],
                    [each["addresses"][0] for each in part["endpoints"]],
                ]
                await asyncio.sleep(0.05)
    except TimeoutError:
        raise AssertionError(f"{found} instead of {wanted}") from None


async def test_servers_that_start_together_and_one_that_leaves(tmp_path: Path) -> None:
    async with two(tmp_path) as (first, second, client):
        await behind(client, ["127.0.0.1", "127.0.0.2"])
        leases = (await client.get(f"{LEASES}?labelSelector=apiserver.kubernetes.io/identity=kube-apiserver")).body
        assert len(leases["items"]) == 2
        assert all(lease["metadata"]["name"].startswith("apiserver-") for lease in leases["items"])
        service = (await client.get(f"{SERVICES}/kubernetes")).body
        assert service["spec"]["clusterIP"] == "10.96.0.1"
        assert second.process is not None
        process = second.process
        second.stop()
        assert process.returncode == 0
        begun = asyncio.get_running_loop().time()
        await behind(client, ["127.0.0.1"])
        assert asyncio.get_running_loop().time() - begun < 10, "it left by itself, nobody waited for its key to expire"
        assert first.process is not None and first.process.poll() is None


async def test_the_address_of_kubernetes_is_for_nobody_else(tmp_path: Path) -> None:
    async with Etcd(tmp_path) as etcd, EtcdStorage(EtcdConfig((etcd.url,))) as storage:
        ranges = ServiceRanges(storage, "10.96.0.0/28", "30000-30003")
        for _ in range(2):
            assert await ranges.reserve(ranges.ips, "10.96.0.1", Owner(KUBERNETES, "u")) == "10.96.0.1"
        with contextlib.suppress(Taken):
            await ranges.reserve(ranges.ips, "10.96.0.1", Owner("default/other", "v"))
            raise AssertionError("given twice")


async def test_who_lost_a_race_gives_back_nothing_that_the_winner_holds(tmp_path: Path) -> None:
    """Two clients create the same Service with the same address at the same moment."""
    async with ApiServer(tmp_path) as server:
        connector = aiohttp.TCPConnector(ssl=server.context())
        async with aiohttp.ClientSession(connector=connector) as session:
            client = Api(session, server.url)
            for index in range(10):
                address = f"10.96.7.{index}"
                body = {"metadata": {"name": f"s{index}"}, "spec": {"clusterIP": address, "ports": [{"port": 80}]}}
                answers = await asyncio.gather(*(client.post(SERVICES, body) for _ in range(4)))
                assert sorted(answer.status for answer in answers)[0] == 201
                assert {answer.status for answer in answers} <= {201, 409, 422}
                thief = {"metadata": {"name": f"t{index}"}, "spec": {"clusterIP": address, "ports": [{"port": 80}]}}
                assert (await client.post(SERVICES, thief)).status == 422, "the winner's address was free"


async def test_what_a_crash_left_behind_is_repaired(tmp_path: Path) -> None:
    async with ApiServer(tmp_path) as server:
        connector = aiohttp.TCPConnector(ssl=server.context())
        async with aiohttp.ClientSession(connector=connector) as session:
            client = Api(session, server.url)
            body = {"metadata": {"name": "a"}, "spec": {"type": "NodePort", "ports": [{"port": 80}]}}
            spec = (await client.post(SERVICES, body)).body["spec"]
        address, port = spec["clusterIP"], str(spec["ports"][0]["nodePort"])
        async with EtcdStorage(EtcdConfig((server.etcd.url,))) as storage:
            ranges = ServiceRanges(storage, "10.96.0.0/16", "30000-32767")
            for space, value in ((ranges.ips, address), (ranges.ports, port)):
                await storage.delete(space.prefix + value)
            left = {"owner": "default/gone", "uid": "g", "metadata": {"name": "x"}}
            for value, since in (("30001", "2020-01-01T00:00:00+00:00"), ("30002", "2099-01-01T00:00:00+00:00")):
                await storage.create(ranges.ports.prefix + value, orjson.dumps({**left, "since": since}))
            await repair(storage, ranges)
            held = {stored.key for stored in (await storage.list("/registry/ranges/")).items}
        assert ranges.ips.prefix + address in held and ranges.ports.prefix + port in held
        assert ranges.ports.prefix + "30001" not in held, "nobody is on the way to it any more"
        assert ranges.ports.prefix + "30002" in held, "somebody may be"
