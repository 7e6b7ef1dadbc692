"""The three runtimes, each behind the same fixture: containerd, a Docker Engine, and the one that runs nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kubelet.runtime.cri.runtime import CriRuntime
from kubelet.runtime.hollow import HollowRuntime
from kubelet.runtime.interface import Runtime
from tests.support.docker import Docker
from tests.support.images import BOX
from tests.support.netlab import inside


@pytest.fixture(scope="module")
def node() -> Iterator[Docker]:
    """Both real ones live on this node."""
    with Docker() as running:
        yield running


@dataclass
class Subject:
    """The runtime that is tested, and what it was given."""

    name: str
    runtime: Runtime
    folder: Path
    cgroup_parent: str

    @property
    def real(self) -> bool:
        return self.name != "hollow"


@pytest.fixture(params=["cri", "docker", "hollow"])
async def subject(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Subject]:
    """Leaves no pod behind. The test runs inside the node's network, as a kubelet does."""
    name = request.param
    if name == "hollow":
        runtime = HollowRuntime()
        yield Subject(name, runtime, tmp_path, "/none")
        await runtime.close()
        return
    node: Docker = request.getfixturevalue("node")
    with inside(node.name):
        made: Runtime = CriRuntime(node.socket) if name == "cri" else node.runtime(tmp_path / "docker")
        yield Subject(name, made, tmp_path, f"{node.cgroup_root}/kubepods")
        for pod in (await made.pods()).values():
            for sandbox in pod.sandboxes:
                await made.stop_sandbox(sandbox.id)
                await made.remove_sandbox(sandbox.id)
        await made.close()


@pytest.fixture
async def image(subject: Subject) -> str:
    """The id of an image that has a shell."""
    found = await subject.runtime.image(BOX)
    return found.id if found else await subject.runtime.pull(BOX, None, None)  # type: ignore[arg-type]
