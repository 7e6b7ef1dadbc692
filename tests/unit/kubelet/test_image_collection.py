"""Images that nobody uses go when they must; the others never do."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kubelet.config import Config
from kubelet.image_collection import ImageCollection, Known, is_used, names_in_use, removable, to_free
from kubelet.runtime.hollow import HollowRuntime
from kubelet.runtime.interface import DiskUse, Image
from kubelet.stats.readings import Disk
from machinery.api.core.v1 import Pod
from machinery.component.clock import RealClock
from tests.support.runs import running

OLD, NEW = Image("sha256:a", ("docker.io/library/a:1",), ("a@sha256:1",), 10), Image("sha256:b", ("b:1",), (), 20)


def test_what_is_used() -> None:
    pod = Pod.from_dict({"spec": {"containers": [{"name": "c", "image": "a:1"}, {"name": "d", "image": "x"}]}})
    names = names_in_use([], [pod])
    assert {"a:1", "x:latest"} <= names and is_used(OLD, names) and not is_used(NEW, names)
    assert is_used(Image("sha256:p", pinned=True), set())
    run = running()
    assert run.image in names_in_use([run], [])


def test_the_order() -> None:
    known = [Known(OLD, 0, 50), Known(NEW, 10, 20), Known(Image("c"), 90, 0)]
    found = removable(known, set(), now=100, youngest=30)
    assert [each.image.id for each in found] == ["sha256:b", "sha256:a"], "last used longest ago first, none too young"
    assert removable(known, {"sha256:b"}, now=100, youngest=30) == [known[0]]


def test_how_much() -> None:
    assert to_free(Disk(1000, 200, 0, 0), high=85, low=80) == 0
    assert to_free(Disk(1000, 150, 0, 0), high=85, low=80) == 50
    assert to_free(Disk(0, 0, 0, 0), high=85, low=80) == 0


class FullDisk(HollowRuntime):
    """Its images lie on a disk that is always too full."""

    folder = ""

    async def image_disk(self) -> DiskUse:
        return DiskUse(mountpoint=self.folder)


async def test_a_disk_that_stays_full_is_told_of(tmp_path: Path) -> None:
    runtime, told = FullDisk(), []
    runtime.folder = str(tmp_path)
    for name in ("used:1", "unused:1"):
        await runtime.pull(name, None, None)  # type: ignore[arg-type]
    settings: dict[str, Any] = {"image_gc_high_threshold": 0, "image_gc_low_threshold": 0}
    config = Config(node_name="n", node_ip="", **settings)
    collection = ImageCollection(config, runtime, RealClock(), names=lambda: {"used:1"},
                                 tell=lambda reason, message: told.append((reason, message)))  # fmt: skip
    await collection.collect()
    assert [image.tags for image in await runtime.images()] == [("used:1",)]
    assert [reason for reason, _ in told] == ["FreeDiskSpaceFailed", "ImageGCFailed"]
    assert "but only found 1024 bytes eligible to free" in told[0][1]
