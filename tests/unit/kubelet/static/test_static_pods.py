"""Static pods on a hollow runtime: they come with their file and go with it, whatever happens to the mirror."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from kubelet.runtime.hollow import HollowRuntime
from kubelet.static.manifest import static_pod
from kubelet.static.mirrors import Plan, mirror_of, plan
from machinery.api.core.v1 import Node
from machinery.api.meta.v1 import ObjectMeta
from tests.support.kubelet import PODS, Bench, PatchingApi, kubelet_on, pod

TEXT = """
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  terminationGracePeriodSeconds: 1
  containers: [{name: c, image: "mini.test/busybox:1", command: [run]}]
"""
CHANGED = TEXT.replace("[run]", "[walk]")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "manifests").mkdir()
    return tmp_path / "manifests"


@pytest.fixture
async def bench(tmp_path: Path, folder: Path) -> AsyncIterator[Bench]:
    async with PatchingApi() as api, kubelet_on(
        api, HollowRuntime(), tmp_path, pod_manifest_path=str(folder)
    ) as bench:
        yield bench


def mirror(bench: Bench) -> dict[str, Any]:
    return bench.pod("web-n1") or {}


def shown(bench: Bench) -> str:
    return mirror(bench).get("metadata", {}).get("annotations", {}).get("kubernetes.io/config.mirror", "")


async def test_a_file_comes_changes_and_goes(bench: Bench, folder: Path) -> None:
    (folder / ".hidden.yaml").write_text(TEXT.replace("web", "hidden"))
    (folder / "broken.yaml").write_text("kind: [")
    (folder / "web.yaml").write_text(TEXT)
    await bench.until_ready("web-n1")
    first = shown(bench)
    owner = mirror(bench)["metadata"]["ownerReferences"][0]
    assert (owner["kind"], owner["name"], owner["controller"]) == ("Node", "n1", True)
    assert first == mirror(bench)["metadata"]["annotations"]["kubernetes.io/config.hash"]
    assert set(await bench.runtime.pods()) == {first}, "the runtime knows the pod by its own UID"
    assert first != mirror(bench)["metadata"]["uid"]
    (folder / "new").write_text(CHANGED)
    (folder / "new").rename(folder / "web.yaml")
    await bench.until(lambda: shown(bench) not in ("", first))
    await bench.until_ready("web-n1")
    (folder / "web.yaml").unlink()
    await bench.until(lambda: not mirror(bench))
    assert await bench.runtime.pods() == {}


async def test_a_deleted_mirror_comes_back_and_the_pod_does_not_notice(bench: Bench, folder: Path) -> None:
    (folder / "web.yaml").write_text(TEXT)
    await bench.until_ready("web-n1")
    before, started = mirror(bench), bench.runtime.calls.count("start_container")
    await bench.delete("web-n1", grace=30)
    await bench.until(lambda: mirror(bench) and mirror(bench)["metadata"]["uid"] != before["metadata"]["uid"])
    await bench.until_ready("web-n1")
    assert mirror(bench)["status"] == before["status"]
    assert bench.runtime.calls.count("start_container") == started
    assert "stop_container" not in bench.runtime.calls


async def test_without_an_api_server_it_runs_all_the_same(tmp_path: Path, folder: Path) -> None:
    (folder / "web.json").write_text(TEXT)
    async with PatchingApi() as api:
        await api.stop()
        runtime = HollowRuntime()
        async with kubelet_on(api, runtime, tmp_path, pod_manifest_path=str(folder)) as bench:
            await bench.until(lambda: "start_container" in runtime.calls)
            await api.start()
            await bench.until_ready("web-n1", 20)
            status = mirror(bench)["status"]
        async with kubelet_on(api, runtime, tmp_path, pod_manifest_path=str(folder)) as bench:
            await bench.create(pod("other"))
            await bench.until_ready("other")
            await bench.until(lambda: not bench.kubelet.tools.writer._tasks)
            assert mirror(bench)["status"] == status, "a restart of the kubelet changes nothing"
        assert runtime.calls.count("start_container") == 2


async def test_a_mirror_without_its_file_goes(tmp_path: Path, folder: Path) -> None:
    async with PatchingApi() as api:
        static = static_pod(TEXT.encode(), "/gone.yaml", "n1")
        api.put(PODS, mirror_of(static, Node(metadata=ObjectMeta(name="n1", uid="u"))).to_dict())
        async with kubelet_on(api, HollowRuntime(), tmp_path, pod_manifest_path=str(folder)) as bench:
            await bench.until(lambda: not mirror(bench))


async def test_a_pod_of_the_api_that_claims_to_be_a_file_is_an_ordinary_pod(bench: Bench, folder: Path) -> None:
    document = pod("liar")
    document["metadata"]["annotations"] = {"kubernetes.io/config.source": "file"}
    await bench.create(document)
    await bench.until_ready("liar")
    (folder / "web.yaml").write_text(TEXT)
    await bench.until_ready("web-n1")
    assert bench.status("liar")["phase"] == "Running"


def test_the_plan() -> None:
    node = Node(metadata=ObjectMeta(name="n1", uid="u"))
    static, other = (static_pod(text.encode(), "/web.yaml", "n1") for text in (TEXT, CHANGED))
    good = mirror_of(static, node)
    assert plan([static], []) == Plan(create=(static,))
    assert plan([static], [good]) == Plan()
    assert plan([other], [good]) == Plan(delete=(good,)), "made anew only when the old one is gone"
    assert plan([], [good]) == Plan(delete=(good,))
