"""A node whose containers a Docker Engine runs: pods made through the API, and what users do with them."""

from __future__ import annotations

import json
import re
import signal
from collections.abc import Iterator
from typing import Any

import pytest

from tests.integration.kubelet.test_image_load import minictl
from tests.integration.kubelet.test_streams import Forward, answer_of, shell
from tests.support.cluster import eventually
from tests.support.docker import Docker
from tests.support.images import BOX, build
from tests.support.kubectl import every_version
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode
from tests.support.terminal import Terminal

OLD_AND_NEW = pytest.mark.parametrize("version", sorted({min(every_version()), max(every_version())}))


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    flags = {"container_log_max_size": "20Ki", "container_log_max_files": 3}
    with OneNode(tmp_path_factory.mktemp("node"), runtime=Docker, **flags) as running:
        running.pod("web", shell(f"httpd -p 8080 -h /www; echo page > /www/index.html; echo one; echo two; {STAYS}"))
        yield running


def engine(node: OneNode) -> Docker:
    assert isinstance(node.containerd, Docker)
    return node.containerd


def container(node: OneNode, name: str) -> dict[str, Any]:
    return json.loads(node.kubectl("get", "pod", name, "-o", "json"))["status"]["containerStatuses"][0]


def test_what_the_api_says(node: OneNode) -> None:
    status = json.loads(node.kubectl("get", "pod", "web", "-o", "json"))["status"]
    (row,) = status["containerStatuses"]
    assert status["phase"] == "Running" and status["podIP"].startswith("10.244.77.")
    assert re.fullmatch("docker://[0-9a-f]{64}", row["containerID"]) and row["image"] == BOX
    assert re.fullmatch("docker://sha256:[0-9a-f]{64}", row["imageID"]), "no registry knows it"
    info = json.loads(node.kubectl("get", "node", "n1", "-o", "json"))["status"]["nodeInfo"]
    assert info["containerRuntimeVersion"].startswith("docker://")
    names = sorted(each["Names"][0] for each in engine(node).ask("GET", "/containers/json")[1])
    uid = json.loads(node.kubectl("get", "pod", "web", "-o", "json"))["metadata"]["uid"]
    assert names == [f"/k8s_POD_web_default_{uid}_0", f"/k8s_c_web_default_{uid}_0"]


@OLD_AND_NEW
def test_into_the_container(node: OneNode, version: str) -> None:
    binary = every_version()[version]
    assert node.kubectl("exec", "-i", "web", "--", "cat", stdin="from here\n", binary=binary) == "from here\n"
    both = node.kubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7", binary=binary, check=False)
    assert both == "out\nerr\ncommand terminated with exit code 7\n"
    with Forward(node, "pod/web", 8080, binary) as port:
        for _ in range(2):
            assert answer_of(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b"page\n")


def test_a_terminal(node: OneNode) -> None:
    with Terminal(node, "exec", "-it", "web", "--", "sh") as terminal:
        terminal.say("\n")
        terminal.until("# ")
        terminal.say("stty size; echo so $((40 + 2)); exit 3\n")
        terminal.until("so 42")
        assert terminal.ends() == 3


def test_restart_logs_and_deletion(node: OneNode) -> None:
    node.pod("again", shell("echo started; trap 'echo told; exit 0' TERM; while :; do sleep 0.1; done"))
    first = container(node, "again")["containerID"].removeprefix("docker://")
    assert engine(node).ask("POST", f"/containers/{first}/kill?signal=KILL")[0] == 204
    eventually(lambda: container(node, "again")["restartCount"] == 1 and container(node, "again")["ready"])
    assert container(node, "again")["lastState"]["terminated"]["exitCode"] == 137
    assert node.kubectl("logs", "again", "--previous") == node.kubectl("logs", "again") == "started\n"
    node.kubectl("delete", "pod", "again")
    eventually(lambda: "_again_" not in json.dumps(engine(node).ask("GET", "/containers/json?all=1")[1]))
    eventually(lambda: not list((node.folder / "logs").glob("default_again_*")))
    eventually(lambda: len(engine(node).addresses()) == 1)


def test_a_kubelet_that_was_killed_loses_nothing_and_leaves_others_alone(node: OneNode) -> None:
    talks = "i=0; while :; do i=$((i+1)); echo line $i; sleep 0.02; done"
    node.pod("talks", shell(talks))
    _, made = engine(node).ask("POST", "/containers/create?name=foreign", {
        "Image": BOX, "Cmd": ["/bin/sleep", "1000"], "HostConfig": {"NetworkMode": "none"}})  # fmt: skip
    engine(node).ask("POST", f"/containers/{made['Id']}/start")
    before = container(node, "web"), container(node, "talks")
    said = len(node.kubectl("logs", "talks").splitlines()) + 100
    node.kubelet.end(signal.SIGKILL)
    node.kubelet.start()
    eventually(lambda: len(node.kubectl("logs", "talks", check=False).splitlines()) >= said, 60)
    seen = node.kubectl("logs", "talks").splitlines()
    assert seen == [f"line {n}" for n in range(1, len(seen) + 1)]
    assert (container(node, "web"), container(node, "talks")) == before
    assert engine(node).ask("GET", f"/containers/{made['Id']}/json")[1]["State"]["Running"]
    engine(node).ask("DELETE", f"/containers/{made['Id']}?force=1")


def test_a_pod_whose_sandbox_ended_gets_another(node: OneNode) -> None:
    before = node.pod("moves", shell(STAYS))
    name = f"k8s_POD_moves_default_{before['metadata']['uid']}_0"
    taken = len(engine(node).addresses())
    assert engine(node).ask("POST", f"/containers/{name}/kill")[0] == 204
    eventually(lambda: container(node, "moves")["restartCount"] == 1 and container(node, "moves")["ready"])
    after = json.loads(node.kubectl("get", "pod", "moves", "-o", "json"))["status"]
    assert after["podIP"] != before["status"]["podIP"]
    eventually(lambda: len(engine(node).addresses()) == taken)


def test_an_image_of_the_user_s_own(node: OneNode) -> None:
    archive = build(node.folder / "own.tar", "own:1", ["/bin/sh", "-c", STAYS])
    done = minictl(node, "image", "load", str(archive))
    assert done.stdout == "n1: docker.io/library/own:1 loaded, 2 of 3 blobs sent\n", done.stderr
    pod = node.pod("mine", {"name": "c", "image": "own:1", "imagePullPolicy": "Never"})
    assert pod["status"]["containerStatuses"][0]["image"] == "own:1"


def test_attach(node: OneNode) -> None:
    node.pod("listens", {**shell("while read line; do echo got $line; done"), "stdin": True})
    process = node.started("attach", "-i", "listens")
    try:
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(b"this\n")
        process.stdin.flush()
        assert b"got this\n" in iter(process.stdout.readline, b"")
    finally:
        process.kill()
        process.communicate()
    assert node.kubectl("logs", "listens") == "got this\n"


def test_an_engine_that_was_killed_takes_no_container_with_it(node: OneNode) -> None:
    before = container(node, "web")
    engine(node).kill_engine()
    engine(node).start_engine()
    node.pod("next", shell(STAYS))
    assert container(node, "web") == before
    assert node.kubectl("exec", "web", "--", "echo", "there") == "there\n"


def test_logs_that_grow(node: OneNode) -> None:
    """The Engine moves its files away; who reads or follows them does not notice."""
    node.pod("writes", shell(f"i=0; while test $i -lt 900; do i=$((i+1)); echo line $i; done; {STAYS}"))
    reader = node.started("logs", "-f", "writes")
    try:
        assert reader.stdout is not None
        lines = []
        while not lines or lines[-1] != b"line 900\n":
            lines.append(reader.stdout.readline())
    finally:
        reader.kill()
        reader.communicate()
    assert node.kubectl("logs", "writes", "--tail=2") == "line 899\nline 900\n"
