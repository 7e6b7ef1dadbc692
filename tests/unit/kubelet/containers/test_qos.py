"""Quality of service, and the numbers that the kernel gets."""

from __future__ import annotations

import pytest

from kubelet.containers.qos import cpu_quota, cpu_shares, oom_score_adj, pod_cgroup, pod_limits, qos_class
from machinery.api.core.v1 import Container, Pod, PodSpec, ResourceRequirements
from machinery.api.meta.v1 import ObjectMeta

FULL = {"cpu": "500m", "memory": "64Mi"}


def pod(*resources: ResourceRequirements) -> Pod:
    containers = tuple(Container(name=f"c{n}", resources=r) for n, r in enumerate(resources))
    return Pod(metadata=ObjectMeta(uid="u"), spec=PodSpec(containers=containers))


NONE, SOME, ALL = ResourceRequirements(), ResourceRequirements(requests=FULL), ResourceRequirements(limits=FULL)


@pytest.mark.parametrize(("resources", "found"), [
    ((NONE,), "BestEffort"),
    ((ALL,), "Guaranteed"),
    ((ResourceRequirements(limits=FULL, requests=FULL), ALL), "Guaranteed"),
    ((ALL, NONE), "Burstable"),
    ((SOME,), "Burstable"),
    ((ResourceRequirements(limits={"cpu": "1"}),), "Burstable"),
    ((ResourceRequirements(limits=FULL, requests={"cpu": "100m"}),), "Burstable"),
])
def test_classes(resources, found: str) -> None:
    assert qos_class(pod(*resources)) == found


def test_cgroups_by_class() -> None:
    assert pod_cgroup("/mini/n1", pod(NONE)) == "/mini/n1/kubepods/besteffort/podu"
    assert pod_cgroup("/mini/n1", pod(SOME)) == "/mini/n1/kubepods/burstable/podu"
    assert pod_cgroup("", pod(ALL)) == "/kubepods/podu"


def test_who_dies_first() -> None:
    scores = [oom_score_adj(p, p.spec.containers[0], 1 << 30) for p in (pod(ALL), pod(SOME), pod(NONE))]
    assert scores == [-997, 938, 1000]
    everything = pod(ResourceRequirements(requests={"memory": "1Gi"}))
    assert oom_score_adj(everything, everything.spec.containers[0], 1 << 30) == 3


def test_a_pod_s_limits_cover_its_start_and_its_overhead() -> None:
    big = ResourceRequirements(limits={"cpu": "2", "memory": "1Gi"})
    init, app = Container(name="i", resources=big), Container(name="c", resources=ALL)
    spec = PodSpec(init_containers=(init,), containers=(app,), overhead={"cpu": "250m", "memory": "16Mi"})
    found = pod_limits(Pod(spec=spec))
    assert found == {"cpu_shares": 2304, "cpu_quota": 225000, "memory_limit": (1024 + 16) << 20}


def test_numbers_for_the_kernel() -> None:
    assert (cpu_shares(0), cpu_shares(1000), cpu_quota(0), cpu_quota(500), cpu_quota(1)) == (2, 1024, 0, 50000, 1000)
    assert pod_limits(pod(ALL, ALL)) == {"cpu_shares": 1024, "cpu_quota": 100000, "memory_limit": 128 << 20}
    assert pod_limits(pod(ALL, SOME)) == {"cpu_shares": 1024}
