"""One containerd for all tests here, a fresh API and kubelet for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from kubelet.runtime.cri.runtime import CriRuntime
from tests.support.containerd import Containerd
from tests.support.kubelet import Bench, PatchingApi, kubelet_on
from tests.support.netlab import inside


@pytest.fixture(scope="module")
def containerd() -> Iterator[Containerd]:
    with Containerd() as node:
        yield node


@pytest.fixture
async def runtime(containerd: Containerd) -> AsyncIterator[CriRuntime]:
    """Leaves no pod behind, so that no test sees another's."""
    runtime = CriRuntime(containerd.socket)
    yield runtime
    for status in (await runtime.pods()).values():
        for sandbox in status.sandboxes:
            await runtime.stop_sandbox(sandbox.id)
            await runtime.remove_sandbox(sandbox.id)
    await runtime.close()


@pytest.fixture
async def bench(containerd: Containerd, runtime: CriRuntime, tmp_path: Path) -> AsyncIterator[Bench]:
    async with PatchingApi() as api, kubelet_on(api, runtime, tmp_path, cgroup_root=containerd.cgroup_root) as bench:
        yield bench
        await bench.delete_all()


@pytest.fixture
def near(containerd: Containerd) -> Iterator[None]:
    """Ask for it before `bench`: the kubelet then lives in the network of its pods, and can reach them."""
    with inside(containerd.name):
        yield
