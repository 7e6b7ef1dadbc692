"""What kubectl follows: watches as tables and events, and a watch that goes on when the API server restarts."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import pytest

from tests.support.cluster import eventually
from tests.support.kubectl import every_version, kubectl
from tests.support.light_cluster import LightCluster


@contextmanager
def following(cluster: LightCluster, namespace: str, folder: Path, *words: str) -> Iterator[dict[str, Path]]:
    """Every kubectl doing the same at the same time; what each has printed so far, by version."""
    files = {version: folder / f"{version}.out" for version in every_version()}
    started = [
        subprocess.Popen([binary, f"--kubeconfig={cluster.kubeconfig}", f"--namespace={namespace}", *words],
                         stdout=_opened(files[version]), stderr=subprocess.STDOUT)
        for version, binary in every_version().items()
    ]  # fmt: skip
    try:
        yield files
    finally:
        for each in started:
            each.kill()
            each.wait()


def _opened(file: Path) -> IO[bytes]:
    return file.open("wb")


def rows(file: Path) -> list[list[str]]:
    """The lines so far, without the column of the age."""
    return [line.split()[:-1] for line in file.read_text().splitlines()]


def all_show(files: dict[str, Path], expected: list[list[str]]) -> None:
    """Every version prints exactly this, sooner or later."""
    try:
        eventually(lambda: all(rows(file) == expected for file in files.values()))
    except TimeoutError:
        pytest.fail("\n".join(f"{version}:\n{file.read_text()}" for version, file in files.items()), pytrace=False)


def test_a_watch_prints_every_change(cluster: LightCluster, namespace: str, tmp_path: Path) -> None:
    def run(*words: str) -> str:
        return kubectl("-n", namespace, *words, kubeconfig=cluster.kubeconfig)

    run("create", "configmap", "c", "--from-literal=a=1")
    run("label", "configmap", "c", "here=yes")
    words = ("get", "configmaps", "--watch", "--output-watch-events", "-l", "here")
    with following(cluster, namespace, tmp_path, *words) as files:
        expected = [["EVENT", "NAME", "DATA"], ["ADDED", "c", "1"]]
        all_show(files, expected)
        run("patch", "configmap", "c", "-p", '{"data":{"b":"2"}}')
        all_show(files, expected := [*expected, ["MODIFIED", "c", "2"]])
        run("create", "configmap", "unseen")
        run("label", "configmap", "c", "here-")
        all_show(files, expected := [*expected, ["DELETED", "c", "2"]])


def test_kubectl_wait_sleeps_through_a_restart_of_the_server(
    cluster: LightCluster, namespace: str, tmp_path: Path
) -> None:
    def run(*words: str) -> str:
        return kubectl("-n", namespace, *words, kubeconfig=cluster.kubeconfig)

    manifest = tmp_path / "deployment.yaml"
    manifest.write_text(run("create", "deployment", "web", "--image=nginx", "--dry-run=client", "-o", "yaml")
                        .replace("spec:", "spec:\n  paused: true", 1))  # fmt: skip
    run("create", "-f", str(manifest))
    words = ("rollout", "status", "deployment/web", "--timeout=60s")
    with following(cluster, namespace, tmp_path, *words) as files:
        eventually(lambda: all("Waiting" in file.read_text() for file in files.values()))
        cluster.restart()
        run("patch", "deployment", "web", "-p", '{"spec":{"paused":false}}')
        eventually(lambda: all("successfully rolled out" in file.read_text() for file in files.values()), 60)
