"""exec, attach, cp and port-forward by real kubectls, through a real API server and kubelet, into real containers."""

from __future__ import annotations

import hashlib
import os
import re
import signal
import socket
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import aiohttp
import pytest
from kubernetes import client as official
from kubernetes import config as official_config
from kubernetes.stream import portforward, stream

from tests.support.cluster import eventually
from tests.support.images import BOX
from tests.support.kubectl import every_version
from tests.support.kubelet import STAYS
from tests.support.onenode import OneNode
from tests.support.terminal import Terminal

EVERY = pytest.mark.parametrize("version", every_version())
ECHO = "nc -ll -p 7000 -e cat & httpd -p 8080 -h /www; echo page > /www/index.html; "


def shell(script: str, name: str = "c", **changes: object) -> dict[str, object]:
    return {"name": name, "command": ["/bin/sh", "-c", script], **changes}


@pytest.fixture(scope="module")
def node(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OneNode]:
    with OneNode(tmp_path_factory.mktemp("node")) as running:
        running.pod("web", shell(ECHO + STAYS))
        yield running


def handles(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))


@EVERY
def test_exec(node: OneNode, version: str) -> None:
    binary = every_version()[version]
    assert node.kubectl("exec", "web", "--", "echo", "one  two", binary=binary) == "one  two\n"
    assert node.kubectl("exec", "-i", "web", "--", "cat", stdin="from here\n", binary=binary) == "from here\n"
    both = node.kubectl("exec", "web", "--", "sh", "-c", "echo out; echo err >&2; exit 7", binary=binary, check=False)
    assert both == "out\nerr\ncommand terminated with exit code 7\n"


def answer_of(port: int, what: bytes) -> bytes:
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(what)
        connection.shutdown(socket.SHUT_WR)
        return b"".join(iter(lambda: connection.recv(65536), b""))


class Forward:
    """A kubectl port-forward while the block runs; `port` is the local one."""

    def __init__(self, node: OneNode, target: str, remote: int, binary: str | None = None) -> None:
        self._process = node.started("port-forward", target, f":{remote}", binary=binary)

    def __enter__(self) -> int:
        line = self._process.stdout.readline().decode()
        found = re.search(r"127.0.0.1:(\d+)", line)
        assert found, line + self._process.stderr.read().decode()
        return int(found[1])

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=60)


@EVERY
def test_port_forward(node: OneNode, version: str) -> None:
    with Forward(node, "pod/web", 8080, every_version()[version]) as port:
        for _ in range(2):
            assert answer_of(port, b"GET / HTTP/1.0\r\n\r\n").endswith(b"page\n")


@EVERY
def test_cp(node: OneNode, version: str, tmp_path: Path) -> None:
    binary, there = every_version()[version], f"/tmp/{version}"
    (tmp_path / "a").write_bytes(os.urandom(100_000))
    node.kubectl("cp", str(tmp_path / "a"), f"web:{there}", binary=binary)
    node.kubectl("cp", f"web:{there}", str(tmp_path / "b"), binary=binary)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_fifty_megabytes_through_cp(node: OneNode, tmp_path: Path) -> None:
    block = os.urandom(1 << 20)
    (tmp_path / "a").write_bytes(block * 50)
    node.kubectl("cp", str(tmp_path / "a"), "web:/tmp/large")
    there = node.kubectl("exec", "web", "--", "sha256sum", "/tmp/large").split()[0]
    assert there == hashlib.sha256(block * 50).hexdigest()
    node.kubectl("cp", "web:/tmp/large", str(tmp_path / "b"), "--retries=3")
    assert (tmp_path / "b").read_bytes() == block * 50
    node.kubectl("exec", "web", "--", "rm", "/tmp/large")


def test_fifty_megabytes_through_a_forwarded_port(node: OneNode) -> None:
    block = os.urandom(1 << 20)
    with Forward(node, "pod/web", 7000) as port, socket.create_connection(("127.0.0.1", port), timeout=60) as there:
        back = hashlib.sha256()
        with ThreadPoolExecutor() as pool:
            sending = pool.submit(lambda: [there.sendall(block) for _ in range(50)])
            left = 50 << 20
            while left:
                part = there.recv(1 << 16)
                assert part
                back.update(part)
                left -= len(part)
            sending.result()
        assert back.digest() == hashlib.sha256(block * 50).digest()


def test_many_at_once_leave_nothing_behind(node: OneNode) -> None:
    pids = [node.kubelet.process.pid, node.server.process.pid]
    before = [handles(pid) for pid in pids]

    def one(number: int) -> str:
        return node.kubectl("exec", "-i", "web", "--", "cat", stdin=f"{number}\n" * 1000)

    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(one, range(24))) == [f"{number}\n" * 1000 for number in range(24)]
    eventually(lambda: all(handles(pid) <= was + 2 for pid, was in zip(pids, before, strict=True)), 60)


def test_a_client_that_vanishes_is_missed(node: OneNode) -> None:
    pids = [node.kubelet.process.pid, node.server.process.pid]
    before = [handles(pid) for pid in pids]
    running = node.started("exec", "-i", "web", "--", "cat")
    running.stdin.write(b"hello\n")
    running.stdin.flush()
    assert running.stdout.readline() == b"hello\n"
    running.send_signal(signal.SIGKILL)
    running.communicate()
    eventually(lambda: all(handles(pid) <= was for pid, was in zip(pids, before, strict=True)), 60)
    eventually(lambda: " cat" not in node.kubectl("exec", "web", "--", "ps").replace("-e cat", ""), 60)


def test_a_container_that_ends_ends_its_streams(node: OneNode) -> None:
    node.pod("brief", shell(STAYS))
    running = node.started("exec", "-i", "brief", "--", "cat")
    running.stdin.write(b"hello\n")
    running.stdin.flush()
    assert running.stdout.readline() == b"hello\n"
    node.kubectl("delete", "pod", "brief", "--wait=false")
    assert running.wait(20) == 137
    running.communicate()


def test_what_cannot_be(node: OneNode) -> None:
    node.pod("two", shell(STAYS, "a"), shell(STAYS, "b"))
    told = node.kubectl("exec", "two", "-c", "z", "--", "id", check=False)
    assert "container z is not valid for pod two" in told
    assert 'pods "none" not found' in node.kubectl("exec", "none", "--", "id", check=False)
    assert '"nonsense": executable file not found' in node.kubectl("exec", "web", "--", "nonsense", check=False)
    post = node.kubectl("create", "--raw", "/api/v1/namespaces/default/pods/two/exec?command=id", "-f", "/dev/null",
                        check=False)  # fmt: skip
    assert "a container name must be specified for pod two, choose one of: [a b]" in post
    post = node.kubectl("create", "--raw", "/api/v1/namespaces/default/pods/web/exec?command=id", "-f", "/dev/null",
                        check=False)  # fmt: skip
    assert "Upgrade request required" in post
    node.kubectl("delete", "pod", "two", "--now", "--wait=false")


def test_a_terminal(node: OneNode) -> None:
    with Terminal(node, "exec", "-it", "web", "--", "sh", rows=30, columns=90) as terminal:
        terminal.until("# ")
        terminal.say("tty; until [ \"$(stty size)\" = '30 90' ]; do sleep 0.1; done; echo si''zed\n")
        terminal.until("/dev/pts/")
        terminal.until("sized")
        terminal.say("exit 3\n")
        assert terminal.ends() == 3


def test_a_terminal_that_changes_its_size(node: OneNode) -> None:
    script = "echo ready; until [ \"$(stty size)\" = '40 100' ]; do sleep 0.1; done; stty size"
    with Terminal(node, "exec", "-it", "web", "--", "sh", "-c", script) as terminal:
        terminal.until("ready")
        terminal.resize(40, 100)
        terminal.until("40 100")
        assert terminal.ends() == 0


def test_run_with_a_terminal(node: OneNode) -> None:
    overrides = '--overrides={"spec": {"nodeName": "n1"}}'
    words = ("run", "guest", "-it", "--rm", "--restart=Never", overrides, "--image", BOX, "--", "sh")
    with Terminal(node, *words) as terminal:
        terminal.say("\n")
        terminal.until("# ")
        terminal.say("echo so $((40 + 2)); exit\n")
        terminal.until("so 42")
        terminal.until('pod "guest" deleted')
        assert terminal.ends() == 0


def test_attach(node: OneNode) -> None:
    node.pod("listener", shell("while read line; do echo got $line; done", stdin=True, stdinOnce=True),
             restartPolicy="Never")  # fmt: skip
    assert "got this\n" in node.kubectl("attach", "-i", "listener", stdin="this\n")
    node.kubectl("wait", "--for=jsonpath={.status.phase}=Succeeded", "pod/listener", "--timeout=60s")


@pytest.mark.parametrize(
    ("protocol", "code"), [("v4.channel.k8s.io", 101), ("channel.k8s.io", 101), ("v5.channel.k8s.io", 403)]
)
async def test_which_protocols_a_node_speaks(node: OneNode, protocol: str, code: int) -> None:
    """Nobody translates on the way. Who offers v5 alone is refused, and falls back to SPDY as every kubectl does."""
    url = f"{node.server.url}/api/v1/namespaces/default/pods/web/exec?command=true&stdout=true"
    connector = aiohttp.TCPConnector(ssl=node.server.context())
    async with aiohttp.ClientSession(connector=connector) as session:
        try:
            async with session.ws_connect(url, protocols=[protocol]) as socket:
                assert (socket.protocol, code) == (protocol, 101)
        except aiohttp.WSServerHandshakeError as error:
            assert error.status == code


def test_the_official_python_client(node: OneNode) -> None:
    """It speaks WebSocket v4."""
    api = official.CoreV1Api(official_config.new_client_from_config(node.kubeconfig))
    words = {"command": ["sh", "-c", "read x; echo $x; exit 4"], "stdin": True, "stdout": True, "stderr": True}
    there = stream(api.connect_get_namespaced_pod_exec, "web", "default", **words, _preload_content=False)
    there.write_stdin("by socket\n")
    there.run_forever(timeout=60)
    assert (there.read_stdout(), there.returncode) == ("by socket\n", 4)
    forward = portforward(api.connect_get_namespaced_pod_portforward, "web", "default", ports="8080")
    connection = forward.socket(8080)
    connection.setblocking(True)
    connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
    assert b"".join(iter(lambda: connection.recv(4096), b"")).endswith(b"page\n")
