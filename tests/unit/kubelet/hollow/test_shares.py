"""One watch for many nodes: each hears exactly what a watch of its own would tell."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from kubelet.hollow.shares import PodsOf, Shares
from machinery.api.core.v1 import Pod
from machinery.client.config import ClientConfig
from machinery.client.rest import Client
from tests.support.fake_api import FakeApi
from tests.support.kubelet import PODS
from tests.support.waiting import until

NODES = ("n1", "n2")


class Ears:
    """What one node heard, as words."""

    def __init__(self) -> None:
        self.heard: list[str] = []

    def __call__(self, old: Pod | None, new: Pod | None) -> None:
        word = "added" if old is None else "deleted" if new is None else "changed"
        self.heard.append(f"{word} {(new or old).metadata.name}")


@pytest.fixture
async def api() -> AsyncIterator[FakeApi]:
    async with FakeApi() as api:
        yield api


@pytest.fixture
async def shares(api: FakeApi) -> AsyncIterator[Shares]:
    async with Client(ClientConfig(server=api.url)) as client:
        shares = Shares(client, NODES)
        task = asyncio.create_task(shares.run())
        yield shares
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def put(api: FakeApi, name: str, node: str, **labels: str) -> None:
    api.put(PODS, {"apiVersion": "v1", "kind": "Pod", "spec": {"nodeName": node, "containers": []},
                   "metadata": {"name": name, "namespace": "default", "uid": name, "labels": labels}})


async def test_each_node_hears_of_its_own(api: FakeApi, shares: Shares) -> None:
    put(api, "early", "n1")
    put(api, "foreign", "n3")
    await shares.of("n1").synced()
    one, two = Ears(), Ears()
    shares.of("n1").on_change(one)
    shares.of("n2").on_change(two)
    put(api, "late", "n2")
    put(api, "early", "n1", x="y")
    put(api, "other", "n4")
    api.delete(PODS, "default", "early")
    await until(lambda: len(one.heard) == 3 and len(two.heard) == 1)
    assert one.heard == ["added early", "changed early", "deleted early"]
    assert two.heard == ["added late"]


async def test_who_comes_late_is_told_of_all_that_is_there(api: FakeApi, shares: Shares) -> None:
    put(api, "a", "n1")
    put(api, "b", "n2")
    await shares.of("n1").synced()
    ears = Ears()
    shares.of("n1").on_change(ears)
    assert ears.heard == ["added a"]


@pytest.mark.parametrize(
    ("frame", "concerns"),
    [
        (b'{"type":"ADDED","object":{"spec":{"nodeName":"n1"}}}', True),
        (b'{"type":"ADDED","object":{"spec":{"nodeName":"n11"}}}', False),
        (b'{"type":"ADDED","object":{"status":{"nominatedNodeName":"n1"},"spec":{"nodeName":"n3"}}}', False),
        (b'{"type":"MODIFIED","object":{"metadata":{"labels":{"nodeName":"n3"}},"spec":{"nodeName":"n2"}}}', True),
        (b'{"type":"BOOKMARK","object":{"metadata":{"resourceVersion":"7"}}}', True),
        (b'{"type":"ERROR","object":{"kind":"Status","code":410}}', True),
    ],
)
def test_what_is_worth_decoding(frame: bytes, concerns: bool) -> None:
    assert PodsOf(Client(ClientConfig(server="http://nowhere")), NODES).concerns(frame) is concerns
