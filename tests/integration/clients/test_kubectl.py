"""Every kubectl there is, unmodified, walks through the scripts that lie in kubectl/: each command, and what it prints.

The syntax of the scripts: tests/support/script.py. Versions walk side by side, each in a namespace of its own.
"""

from __future__ import annotations

import json
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.kubectl import every_version, kubectl
from tests.support.light_cluster import LightCluster
from tests.support.script import Runner

SCRIPTS = Path(__file__).parent / "kubectl"
SIDE_BY_SIDE = 3


@pytest.mark.parametrize("script", sorted(path.stem for path in SCRIPTS.glob("*.txt")))
def test_every_kubectl_does(cluster: LightCluster, script: str, tmp_path: Path) -> None:
    if wrong := "".join(walk(cluster, script, tmp_path)):
        pytest.fail(wrong, pytrace=False)


def walk(cluster: LightCluster, script: str, folder: Path) -> list[str]:
    """What went wrong, by version. A script that has a node for itself is walked by one after the other."""
    alone = "has node-3 for itself" in (SCRIPTS / f"{script}.txt").read_text()
    with ThreadPoolExecutor(1 if alone else SIDE_BY_SIDE) as threads:
        return list(threads.map(lambda version: one(cluster, script, version, folder / version), every_version()))


def one(cluster: LightCluster, script: str, version: str, folder: Path) -> str:
    """One version's walk in a namespace of its own."""
    prepare(cluster, folder)
    namespace = f"{script}-{version.replace('.', '-')}"
    kubectl("create", "namespace", namespace, kubeconfig=cluster.kubeconfig)
    cache = cluster.server.folder / f"discovered-by-{version}"
    runner = Runner(every_version()[version], version, cluster.kubeconfig, namespace, folder, SCRIPTS, cache=cache)
    wrong = runner.run(SCRIPTS / f"{script}.txt")
    kubectl("delete", "namespace", namespace, "--wait=false", kubeconfig=cluster.kubeconfig)
    return "".join(wrong)


def prepare(cluster: LightCluster, folder: Path) -> None:
    """The files that scripts find in {dir}: a certificate with its key, and something to kustomize, twice."""
    folder.mkdir()
    shutil.copy(cluster.server.admin.cert, folder / "tls.crt")
    shutil.copy(cluster.server.admin.key, folder / "tls.key")
    for name, value in (("kustom", "b"), ("kustom2", "z")):
        base = {"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": "base"}, "data": {"a": value}}
        whole = {"namePrefix": "own-", "commonLabels": {"team": "blue"}, "resources": ["base.yaml"]}
        (folder / name).mkdir()
        (folder / name / "base.yaml").write_text(json.dumps(base))
        (folder / name / "kustomization.yaml").write_text(json.dumps(whole))
