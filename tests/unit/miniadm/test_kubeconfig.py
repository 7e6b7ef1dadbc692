"""The user's kubeconfig is the user's: entries come and go, everything else stays."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
import yaml

from miniadm import kubeconfig, pki
from miniadm.cluster import Cluster, SetupError

THEIRS = {
    "apiVersion": "v1",
    "kind": "Config",
    "clusters": [{"name": "work", "cluster": {"server": "https://work:6443"}}],
    "users": [{"name": "me", "user": {"token": "secret"}}],
    "contexts": [{"name": "work", "context": {"cluster": "work", "user": "me", "namespace": "team"}}],
    "current-context": "work",
    "preferences": {"colors": True},
    "extensions": [{"name": "x", "extension": {"kept": 1}}],
}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Cluster:
    cluster = Cluster("mini", tmp_path_factory.mktemp("home"), subnet="192.168.80.0/24", workers=1)
    pki.ensure(cluster)
    return cluster


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "kube" / "config"


def contexts(path: Path) -> list[str]:
    return [entry["name"] for entry in yaml.safe_load(path.read_text())["contexts"]]


def test_a_first_file_is_made_private_and_points_at_the_cluster(cluster: Cluster, path: Path):
    kubeconfig.add_context(cluster, path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    config = yaml.safe_load(path.read_text())
    assert config["current-context"] == "mini"
    assert config["clusters"][0]["cluster"]["server"] == "https://192.168.80.10:6443"


def test_merging_keeps_all_else_and_the_current_context(cluster: Cluster, path: Path):
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(THEIRS))
    kubeconfig.add_context(cluster, path)
    config = yaml.safe_load(path.read_text())
    assert contexts(path) == ["work", "mini"]
    assert config["current-context"] == "work"
    for key in ("preferences", "extensions"):
        assert config[key] == THEIRS[key]


def test_merging_twice_changes_nothing(cluster: Cluster, path: Path):
    kubeconfig.add_context(cluster, path)
    before = path.read_bytes()
    kubeconfig.add_context(cluster, path)
    assert path.read_bytes() == before


def test_removing_takes_exactly_ours(cluster: Cluster, path: Path):
    path.parent.mkdir()
    path.write_text(yaml.safe_dump(THEIRS))
    kubeconfig.add_context(cluster, path)
    kubeconfig.remove_context(cluster, path)
    assert yaml.safe_load(path.read_text()) == THEIRS


def test_removing_what_we_alone_made_removes_the_file(cluster: Cluster, path: Path):
    kubeconfig.add_context(cluster, path)
    kubeconfig.remove_context(cluster, path)
    assert not path.exists()
    kubeconfig.remove_context(cluster, path)


@pytest.mark.parametrize("text", ["clusters: [", "- a list", "clusters: 5", "clusters: [text]", "\x00"])
def test_a_broken_file_is_left_alone(cluster: Cluster, path: Path, text: str):
    path.parent.mkdir()
    path.write_text(text)
    for change in (kubeconfig.add_context, kubeconfig.remove_context):
        with pytest.raises(SetupError, match="left alone"):
            change(cluster, path)
    assert path.read_text() == text


def test_a_link_stays_a_link(cluster: Cluster, path: Path, tmp_path: Path):
    target = tmp_path / "real"
    target.write_text(yaml.safe_dump(THEIRS))
    path.parent.mkdir()
    path.symlink_to(target)
    kubeconfig.add_context(cluster, path)
    assert path.is_symlink()
    assert contexts(target) == ["work", "mini"]


def test_every_component_gets_its_own_credentials(cluster: Cluster):
    kubeconfig.write_all(cluster)
    files = {path.name for path in cluster.kubeconfigs.iterdir()}
    assert files == {
        "controllers.kubeconfig",
        "scheduler.kubeconfig",
        "kube-proxy.kubeconfig",
        "network.kubeconfig",
        "kubelet-control-plane.kubeconfig",
        "kubelet-worker-1.kubeconfig",
    }
    assert all(stat.S_IMODE(path.stat().st_mode) == 0o600 for path in cluster.kubeconfigs.iterdir())


def test_the_users_file_is_where_kubectl_looks(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("KUBECONFIG", "/a/config:/b/config")
    assert kubeconfig.user_file() == Path("/a/config")
    monkeypatch.delenv("KUBECONFIG")
    monkeypatch.delenv("SUDO_USER", raising=False)
    monkeypatch.setenv("HOME", "/home/someone")
    assert kubeconfig.user_file() == Path("/home/someone/.kube/config")
    monkeypatch.setenv("SUDO_USER", "daemon")
    assert kubeconfig.user_file() == Path("/usr/sbin/.kube/config")
