"""`@kubernetes/client-node`, the official JavaScript client: its tasks are nodejs/tasks.test.mjs."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.support.cluster import eventually
from tests.support.foreign import PINNED, node, node_modules
from tests.support.kubectl import kubectl
from tests.support.light_cluster import LightCluster


@pytest.fixture
def scripts(tmp_path: Path) -> Path:
    """A folder where the scripts find their packages."""
    (tmp_path / "node_modules").symlink_to(node_modules())
    for script in PINNED.glob("*.mjs"):
        shutil.copy(script, tmp_path / script.name)
    return tmp_path


def environment(kubeconfig: str, namespace: str) -> dict[str, str]:
    return {**os.environ, "KUBECONFIG": kubeconfig, "NAMESPACE": namespace}


def test_its_tasks(cluster: LightCluster, namespace: str, scripts: Path) -> None:
    command = [str(node()), "--test", "--test-timeout=60000", str(scripts / "tasks.test.mjs")]
    done = subprocess.run(command, env=environment(cluster.kubeconfig, namespace), capture_output=True, text=True,
                          timeout=120, check=False)  # fmt: skip
    if done.returncode:
        pytest.fail(done.stdout + done.stderr, pytrace=False)
    assert "\nℹ fail 0\n" in done.stdout


def test_an_informer_goes_on_across_a_restart_of_the_server(
    cluster: LightCluster, namespace: str, scripts: Path
) -> None:
    out = scripts / "seen"
    with out.open("wb") as file:
        following = subprocess.Popen(
            [str(node()), str(scripts / "follow.mjs")], env=environment(cluster.kubeconfig, namespace), stdout=file)
    try:
        eventually(lambda: "kube-root-ca.crt" in out.read_text())
        cluster.restart()
        kubectl("create", "configmap", "after", "-n", namespace, kubeconfig=cluster.kubeconfig)
        eventually(lambda: "after" in out.read_text().split())
    finally:
        following.kill()
        following.wait()
