"""Who goes first, and why, in Kubernetes' order and words."""

from __future__ import annotations

from typing import Any

from kubelet.eviction.limits import excess, limited
from kubelet.eviction.ranking import message, rank
from kubelet.eviction.thresholds import Amount, Observation, Threshold
from kubelet.runtime.interface import DiskUse
from kubelet.stats.collector import ContainerSample, PodSample
from kubelet.stats.readings import Use
from machinery.api.core.v1 import Pod
from tests.support.runs import running

MI = 1 << 20
MEMORY = Threshold("memory.available", Amount("100Mi"))
DISK = Threshold("nodefs.available", Amount("10%"))
PIDS = Threshold("pid.available", Amount("10"))


def a_sample(name: str, memory: int = 0, *, request: dict[str, str] | None = None, written: int = 0,
             processes: int = 0, limits: dict[str, str] | None = None, volumes: Any = None, **spec: Any) -> PodSample:
    resources = {"requests": request or {}, "limits": limits or {}}
    annotations = spec.pop("annotations", {})
    pod = Pod.from_dict({
        "metadata": {"name": name, "annotations": annotations},
        "spec": {"containers": [{"name": "c", "resources": resources}], **spec},
    })  # fmt: skip
    use = Use(0, memory * MI, memory * MI, processes=processes)
    container = ContainerSample(running("c"), use, written=DiskUse(written * MI, 5))
    return PodSample(pod, use, containers=(container,), volumes=volumes or {})


def order(threshold: Threshold, *samples: PodSample) -> list[str]:
    return [sample.pod.metadata.name for sample in rank(samples, threshold)]


def test_memory() -> None:
    within = a_sample("within", 900, request={"memory": "1Gi"})
    assert order(
        MEMORY, within,
        a_sample("important", 500, priority=100),
        a_sample("little", 10),
        a_sample("much", 300),
        a_sample("beyond", 250, request={"memory": "100Mi"}),
        a_sample("much within", 100, request={"memory": "1Gi"}),
        a_sample("critical", 9000, priority=2_000_001_000),
        a_sample("static", 9000, annotations={"kubernetes.io/config.source": "file"}),
    ) == ["much", "beyond", "little", "important", "within", "much within"]  # fmt: skip


def test_disk_and_processes() -> None:
    volume = {"volumes": {"v": (50 * MI, 1)}, }
    samples = [
        a_sample("layer", written=20, processes=1),
        PodSample(Pod.from_dict({"metadata": {"name": "volume"}, "spec": {"volumes": [{"name": "v", "emptyDir": {}}]}}),
                  Use(0, 0, 0, processes=7), **volume),
    ]  # fmt: skip
    assert order(DISK, *samples) == ["volume", "layer"]
    assert order(PIDS, *samples) == ["volume", "layer"]
    images = Threshold("imagefs.available", Amount("10%"))
    assert [s.pod.metadata.name for s in rank(samples, images, own_image_disk=True)] == ["layer", "volume"]


def test_the_words() -> None:
    sample = a_sample("p", 30, request={"memory": "20Mi"})
    assert message(sample, MEMORY, Observation(50 * MI, 1 << 30)) == (
        "The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. "
        "Container c was using 30Mi, request is 20Mi, has larger consumption of memory. "
    )
    assert message(sample, PIDS, Observation(3, 100)) == \
        "The node was low on resource: pids. Threshold quantity: 10, available: 3. "  # fmt: skip


def test_limits_of_disk() -> None:
    assert not limited(a_sample("p").pod)
    own = {"ephemeral-storage": "10Mi"}
    assert excess(a_sample("p", written=9, limits=own)) == ""
    assert excess(a_sample("p", written=11, limits=own)) == \
        "Pod ephemeral local storage usage exceeds the total limit of containers 10Mi. "  # fmt: skip
    volumes = [{"name": "v", "emptyDir": {"sizeLimit": "1Mi"}}]
    spec = {"spec": {"volumes": volumes, "containers": [{"name": "c"}]}}
    full = PodSample(Pod.from_dict(spec), None, volumes={"v": (2 * MI, 1)})
    assert limited(full.pod) and excess(full) == 'Usage of EmptyDir volume "v" exceeds the limit "1Mi". '
