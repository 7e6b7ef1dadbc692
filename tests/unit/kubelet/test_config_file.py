"""KubeletConfiguration: a file, its words, and flags over it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kubelet.config import EVICTION_HARD, Config
from kubelet.config_file import ConfigFileError, document, duration, read

TEXT = """
apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
staticPodPath: /etc/manifests
maxPods: 20
clusterDNS: [10.96.0.10]
evictionHard: {memory.available: 1Gi, nodefs.available: "5%"}
evictionPressureTransitionPeriod: 1m30s
kubeReserved: {cpu: 100m}
authentication: {x509: {clientCAFile: /ca.crt}}
registerWithTaints: [{key: a, effect: NoSchedule}]
"""
FLAGS = ("--node-name=n1", "--node-ip=10.0.0.1")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "kubelet.yaml").write_text(TEXT)
    return tmp_path / "kubelet.yaml"


def test_the_file_speaks_and_flags_have_the_last_word(path: Path) -> None:
    config = Config.from_args([*FLAGS, f"--config={path}", "--max-pods=30"])
    assert (config.pod_manifest_path, config.max_pods, config.cluster_dns) == ("/etc/manifests", 30, "10.96.0.10")
    assert config.eviction_hard == ("memory.available<1Gi", "nodefs.available<5%")
    assert config.eviction_pressure_transition_period == 90.0
    assert (config.kube_reserved, config.client_ca_file) == ({"cpu": "100m"}, "/ca.crt")
    assert config.register_with_taints == ("a=:NoSchedule",)
    assert Config.from_args(FLAGS).eviction_hard == EVICTION_HARD


def test_what_it_runs_with_is_written_as_such_a_file(path: Path) -> None:
    written = document(Config.from_args([*FLAGS, f"--config={path}"]))
    assert written["evictionHard"] == {"memory.available": "1Gi", "nodefs.available": "5%"}
    assert (written["evictionPressureTransitionPeriod"], written["imageMinimumGCAge"]) == ("1m30s", "2m0s")
    assert written["registerWithTaints"] == [{"key": "a", "value": "", "effect": "NoSchedule"}]
    assert written["authentication"] == {"x509": {"clientCAFile": "/ca.crt"}}


@pytest.mark.parametrize(("text", "why"), [
    ("kind: Pod", "it is not of kind KubeletConfiguration"),
    ("- a", "it is not of kind"),
    ("a: [", "while parsing"),
    (f"{TEXT}\nmaxPodz: 3", 'unknown field "maxPodz"'),
    (f"{TEXT}\nport: many", "field \"port\" cannot be 'many'"),
    (f"{TEXT}\nshutdownGracePeriod: soon", "field \"shutdownGracePeriod\" cannot be 'soon'"),
])  # fmt: skip
def test_refusals(path: Path, text: str, why: str) -> None:
    path.write_text(text)
    with pytest.raises(ConfigFileError, match=why):
        read(str(path))


def test_durations() -> None:
    assert [duration(s) for s in (0, 1.5, 60, 90, 3600)] == ["0s", "1.5s", "1m0s", "1m30s", "1h0m0s"]
