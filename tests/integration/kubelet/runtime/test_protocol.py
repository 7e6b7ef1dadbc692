"""What every runtime promises the kubelet (interface.py), asked of all three as far as each can.

What needs a process is asked of the real ones alone.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from kubelet.runtime import interface as rt
from kubelet.server.log_format import last_lines
from tests.integration.kubelet.runtime.conftest import Subject
from tests.support.image_registry import ImageRegistry
from tests.support.images import BOX, build
from tests.support.kubelet import STAYS
from tests.support.waiting import until

REAL = pytest.mark.parametrize("subject", ["cri", "docker"], indirect=True)
ANNOTATIONS = {rt.GRACE_PERIOD: "7"}


def sandbox_spec(subject: Subject, name: str = "web", **more: Any) -> rt.SandboxSpec:
    uid = more.pop("uid", f"uid-of-{name}")
    labels = {rt.POD_NAME: name, rt.POD_NAMESPACE: "default", rt.POD_UID: uid, "app": name}
    more.setdefault("hostname", name)
    return rt.SandboxSpec(
        name, "default", uid, log_directory=str(subject.folder / "logs" / name), labels=labels,
        annotations=ANNOTATIONS, cgroup_parent=f"{subject.cgroup_parent}/{uid}", **more,
    )  # fmt: skip


def container_spec(image: str, script: str = STAYS, name: str = "c", **more: Any) -> rt.ContainerSpec:
    command = more.pop("command", ("/bin/sh", "-c", script))
    labels = {rt.CONTAINER_NAME: name, **more.pop("labels", {})}
    attempt = more.get("attempt", 0)
    return rt.ContainerSpec(name, image, command=command, labels=labels, log_path=f"{name}/{attempt}.log", **more)


async def started(subject: Subject, sandbox: rt.Sandbox, of: rt.SandboxSpec, spec: rt.ContainerSpec) -> str:
    ours = {rt.POD_NAME: of.name, rt.POD_NAMESPACE: of.namespace, rt.POD_UID: of.uid, **spec.labels}
    (Path(of.log_directory) / spec.name).mkdir(parents=True, exist_ok=True)
    identity = await subject.runtime.create_container(sandbox.id, replace(spec, labels=ours), of)
    await subject.runtime.start_container(identity)
    return identity


async def running(subject: Subject, image: str, script: str = STAYS, **more: Any) -> tuple[rt.Sandbox, str]:
    """A pod of one container."""
    spec = sandbox_spec(subject)
    sandbox = await subject.runtime.run_sandbox(spec)
    return sandbox, await started(subject, sandbox, spec, container_spec(image, script, **more))


async def look(subject: Subject, name: str = "web") -> rt.RuntimePod:
    return (await subject.runtime.pods()).get(f"uid-of-{name}", rt.RuntimePod(""))


async def ended(subject: Subject, identity: str) -> rt.RuntimeContainer:
    async with asyncio.timeout(60):
        while True:
            for container in (await look(subject)).containers:
                if container.id == identity and container.state is rt.ContainerState.EXITED:
                    return container
            await asyncio.sleep(0.01)


async def run_to_end(subject: Subject, image: str, script: str, **more: Any) -> tuple[rt.RuntimeContainer, str]:
    """What became of it, and what it wrote."""
    _, identity = await running(subject, image, script, **more)
    found = await ended(subject, identity)
    return found, last_lines(Path(found.log_path), 100, 10_000)


@contextlib.asynccontextmanager
async def followed(subject: Subject) -> AsyncIterator[asyncio.Queue[str]]:
    heard: asyncio.Queue[str] = asyncio.Queue()

    async def follow() -> None:
        async for identity in subject.runtime.events():
            heard.put_nowait(identity)

    task = asyncio.create_task(follow())
    try:
        yield heard
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_who_it_is(subject: Subject) -> None:
    names = {"cri": "containerd", "docker": "docker", "hollow": "hollow"}
    version = await subject.runtime.version()
    assert version.name == names[subject.name] and version.version
    assert [(c.type, c.status) for c in await subject.runtime.conditions()] == [
        ("RuntimeReady", True), ("NetworkReady", True)
    ]  # fmt: skip


async def test_a_pod_from_start_to_end(subject: Subject, image: str) -> None:
    before = await subject.runtime.pods()
    sandbox, identity = await running(subject, image)
    pod = await look(subject)
    assert len(sandbox.id) == len(identity) == 64 and sandbox.ips and sandbox.grace_period == 7
    assert (pod.uid, pod.name, pod.namespace) == ("uid-of-web", "web", "default")
    assert pod.sandbox is not None and (pod.sandbox.id, pod.sandbox.ips) == (sandbox.id, sandbox.ips)
    (container,) = pod.containers
    assert container.running and container.started_at and (container.id, container.name) == (identity, "c")
    assert (container.sandbox_id, container.pod_uid, container.attempt) == (sandbox.id, "uid-of-web", 0)
    assert container.image == BOX
    assert list(await subject.runtime.pods("uid-of-web")) == ["uid-of-web"]
    assert await subject.runtime.pods("another") == {}
    await subject.runtime.stop_container(identity, 5)
    (container,) = (await look(subject)).containers
    assert container.state is rt.ContainerState.EXITED and container.finished_at >= container.started_at
    await subject.runtime.stop_sandbox(sandbox.id)
    stopped = await look(subject)
    assert stopped.sandbox is None and not stopped.sandboxes[0].ready and not stopped.sandboxes[0].ips
    await subject.runtime.remove_container(identity)
    await subject.runtime.remove_sandbox(sandbox.id)
    assert await subject.runtime.pods() == before == {}


async def test_what_is_gone_may_be_stopped_and_removed_again(subject: Subject, image: str) -> None:
    sandbox, identity = await running(subject, image)
    for _ in range(2):
        await subject.runtime.stop_container(identity, 0)
        await subject.runtime.stop_sandbox(sandbox.id)
    for _ in range(2):
        await subject.runtime.remove_container(identity)
        await subject.runtime.remove_sandbox(sandbox.id)
        await subject.runtime.stop_container(identity, 0)
        await subject.runtime.stop_sandbox(sandbox.id)


async def test_a_sandbox_takes_its_containers_with_it(subject: Subject, image: str) -> None:
    sandbox, identity = await running(subject, image)
    await subject.runtime.stop_sandbox(sandbox.id)
    assert (await ended(subject, identity)).exit_code == 137
    await subject.runtime.remove_sandbox(sandbox.id)
    assert await subject.runtime.pods() == {}


async def test_runs_are_told_newest_first(subject: Subject, image: str) -> None:
    spec = sandbox_spec(subject)
    sandbox = await subject.runtime.run_sandbox(spec)
    runs = [
        await started(subject, sandbox, spec, container_spec(image, attempt=number, annotations={"n": str(number)}))
        for number in range(3)
    ]
    history = (await look(subject)).history("c")
    assert [run.id for run in history] == runs[::-1] and [run.attempt for run in history] == [2, 1, 0]
    assert [run.annotations["n"] for run in history] == ["2", "1", "0"]


async def test_an_end_is_an_event(subject: Subject, image: str) -> None:
    async with followed(subject) as heard, asyncio.timeout(60):
        assert await heard.get() == "", "from here on nothing is missed"
        _, identity = await running(subject, image, command=("/bin/sleep", "0.1") if subject.real else ("exit", "0"))
        while await heard.get() != identity:
            pass
    assert (await ended(subject, identity)).exit_code == 0


async def test_images_that_are_not_there(subject: Subject) -> None:
    assert await subject.runtime.image("mini.test/none:1") is None
    assert await subject.runtime.image("sha256:" + "0" * 64) is None


async def test_what_is_not_there_cannot_be_started(subject: Subject) -> None:
    with pytest.raises(rt.RuntimeFailure):
        await subject.runtime.start_container("0" * 64)


@REAL
async def test_how_a_process_ended(subject: Subject, image: str) -> None:
    good, _ = await run_to_end(subject, image, "echo out; echo err >&2; printf unfinished")
    assert (good.exit_code, good.reason) == (0, "Completed")
    log = Path(good.log_path)
    await until(lambda: all(word in last_lines(log, 9, 1000) for word in ("err\n", "out\n", "unfinished")))
    bad, _ = await _again(subject, image, "exit 3")
    assert (bad.exit_code, bad.reason) == (3, "Error")


async def _again(subject: Subject, image: str, script: str, **more: Any) -> tuple[rt.RuntimeContainer, str]:
    """The same pod's next container."""
    pod = await look(subject)
    assert pod.sandbox is not None
    spec = sandbox_spec(subject)
    attempt = len(pod.containers)
    identity = await started(subject, pod.sandbox, spec, container_spec(image, script, attempt=attempt, **more))
    found = await ended(subject, identity)
    return found, last_lines(Path(found.log_path), 100, 10_000)


@REAL
async def test_what_cannot_be_started_says_why(subject: Subject, image: str) -> None:
    with pytest.raises(rt.RuntimeFailure, match="no such file"):
        await running(subject, image, command=("/none",))
    (container,) = (await look(subject)).containers
    assert container.state is rt.ContainerState.EXITED and container.exit_code and "no such file" in container.message


@REAL
async def test_out_of_memory(subject: Subject, image: str) -> None:
    """A runtime may learn of the end before it learns of the reason; whoever hears its events learns both."""
    async with followed(subject) as heard:
        await heard.get()
        limit = rt.Resources(memory_limit=16 << 20)
        found, _ = await run_to_end(subject, image, "sleep 0.3; exec dd if=/dev/zero of=/dev/null bs=64M count=1",
                                    resources=limit)  # fmt: skip
        async with asyncio.timeout(60):
            while (found.exit_code, found.reason) != (137, "OOMKilled"):
                await heard.get()
                found = await ended(subject, found.id)


@REAL
async def test_stopping_asks_first_and_then_insists(subject: Subject, image: str) -> None:
    _, polite = await running(subject, image, "trap 'exit 7' TERM; while :; do sleep 0.05; done")
    await asyncio.sleep(0.2)
    await subject.runtime.stop_container(polite, 20)
    assert (await ended(subject, polite)).exit_code == 7
    spec = sandbox_spec(subject)
    sandbox = (await look(subject)).sandbox
    assert sandbox is not None
    deaf = await started(
        subject, sandbox, spec, container_spec(image, "trap '' TERM; while :; do sleep 0.05; done", "deaf"))
    began = time.monotonic()
    await subject.runtime.stop_container(deaf, 1)
    assert (await ended(subject, deaf)).exit_code == 137 and time.monotonic() - began >= 1


@REAL
async def test_commands(subject: Subject, image: str) -> None:
    _, identity = await running(subject, image)
    done = await subject.runtime.exec_sync(identity, ("/bin/sh", "-c", "echo out; echo err >&2; exit 4"), 10)
    assert done == rt.ExecResult(4, b"out\n", b"err\n")
    with pytest.raises(rt.RuntimeFailure, match="DeadlineExceeded"):
        await subject.runtime.exec_sync(identity, ("/bin/sleep", "12345"), 1)
    left = await subject.runtime.exec_sync(identity, ("/bin/ps",), 10)
    assert b"12345" not in left.stdout, "what took too long was ended"


@REAL
async def test_what_a_pod_shares(subject: Subject, image: str) -> None:
    """One network, one name, one resolver; with a shared process namespace each other's processes."""
    spec = sandbox_spec(subject, dns=rt.Dns(("10.9.8.7",), ("a.test", "b.test"), ("ndots:5",)),
                        namespaces=rt.Namespaces(pid="pod"), sysctls={"net.ipv4.ip_unprivileged_port_start": "7"})
    sandbox = await subject.runtime.run_sandbox(spec)
    first = await started(subject, sandbox, spec, container_spec(image, f"nc -ll -p 7000 -e cat & {STAYS}", "one"))
    second = await started(subject, sandbox, spec, container_spec(image, STAYS, "two"))

    async def said(identity: str, script: str) -> str:
        return (await subject.runtime.exec_sync(identity, ("/bin/sh", "-c", script), 10)).stdout.decode()

    assert await said(second, "for i in 1 2 3 4 5; do echo hi | nc 127.0.0.1 7000 && break; sleep 0.2; done") == "hi\n"
    script = "hostname; cat /etc/resolv.conf /proc/sys/net/ipv4/ip_unprivileged_port_start; ip addr show eth0"
    for identity in (first, second):
        text = await said(identity, script)
        assert text.startswith("web\nnameserver 10.9.8.7\n") or "nameserver 10.9.8.7\n" in text.partition("web\n")[2]
        assert "search a.test b.test\n" in text and "options ndots:5\n" in text and "\n7\n" in text
        assert f"{sandbox.ips[0]}/" in text
    assert "nc -ll" in await said(second, "ps")


@REAL
async def test_what_a_container_is_given(subject: Subject, image: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a:b").write_text("content\n")
    security = rt.Security(run_as_user=1000, run_as_group=1000, supplemental_groups=(7,), drop_capabilities=("ALL",),
                           no_new_privileges=True, read_only_rootfs=True, seccomp="RuntimeDefault",
                           masked_paths=("/proc/timer_list",), read_only_paths=("/proc/sys",))
    mounts = (rt.Mount(f"{tmp_path}/in", "/in", True), rt.Mount(f"{tmp_path}/made", "/made"),
              rt.Mount(f"{tmp_path}/in/a:b", "/colon"))
    script = ("exec 2>&1; id; echo $GREETING; pwd; cat /colon; touch /in/x; touch /etc/x; "
              "grep -E 'CapEff|NoNewPrivs|Seccomp:' /proc/self/status")
    found, text = await run_to_end(
        subject, image, script, env=(("GREETING", "a=b c"),), working_dir="/tmp", mounts=mounts, security=security)
    who, _, rest = text.partition("\n")
    assert found.exit_code == 0 and who.startswith("uid=1000(user) gid=1000 groups=")
    assert set(who.partition("groups=")[2].split(",")) == {"7", "1000"}
    assert rest.startswith("a=b c\n/tmp\ncontent\n")
    assert text.count("Read-only file system") == 2
    assert {"CapEff:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2"} <= set(text.splitlines())
    assert (tmp_path / "made").is_dir()


@REAL
async def test_other_limits_for_what_runs(subject: Subject, image: str) -> None:
    _, identity = await running(subject, image, resources=rt.Resources(2, 50_000, 100_000, 64 << 20))
    await subject.runtime.update_resources(identity, rt.Resources(512, 20_000, 100_000, 128 << 20))
    folders = [Path("/sys/fs/cgroup"), Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup/cpu")]
    cgroup = f"{subject.cgroup_parent}/uid-of-web/{identity}".lstrip("/")
    found = {}
    for name in ("memory.max", "memory.limit_in_bytes", "cpu.cfs_quota_us", "cpu.max"):
        for folder in folders:
            with contextlib.suppress(OSError):
                found[name] = (folder / cgroup / name).read_text().split()[0]
    assert set(found.values()) == {str(128 << 20), "20000"}


@REAL
async def test_the_node_s_own_network(subject: Subject, image: str) -> None:
    shared = rt.Namespaces(host_network=True, host_ipc=True, pid="node")
    spec = sandbox_spec(subject, hostname="", namespaces=shared)
    sandbox = await subject.runtime.run_sandbox(spec)
    identity = await started(subject, sandbox, spec, container_spec(image))
    ours = await subject.runtime.exec_sync(identity, ("/bin/sh", "-c", "ls -l /proc/self/ns/"), 10)
    assert sandbox.ips == ()
    for kind in ("net", "ipc", "pid"):
        assert Path(f"/proc/thread-self/ns/{kind}").readlink().name in ours.stdout.decode()
    assert (await look(subject)).sandbox is not None


@REAL
async def test_images_come_and_go(subject: Subject) -> None:
    archive = build(subject.folder / "own.tar", f"mini.test/{subject.name}:1", ["/bin/true"])

    async def content() -> AsyncIterator[bytes]:
        yield archive.read_bytes()

    await subject.runtime.load(content())
    found = await subject.runtime.image(f"mini.test/{subject.name}:1")
    assert found is not None and found.size > 1000 and f"mini.test/{subject.name}:1" in found.tags
    listed = {tag: each for each in await subject.runtime.images() for tag in each.tags}
    assert listed[f"mini.test/{subject.name}:1"].id == found.id
    assert [tag for tag, each in listed.items() if each.pinned] == ["mini.test/pause:1"]
    assert await subject.runtime.blobs()
    disk = await subject.runtime.image_disk()
    assert Path(disk.mountpoint).is_dir() and (disk.used_bytes > 0 or subject.name == "cri"), "containerd adds up later"
    for _ in range(2):
        await subject.runtime.remove_image(found.id)
    assert await subject.runtime.image(f"mini.test/{subject.name}:1") is None


@REAL
async def test_images_from_a_registry(subject: Subject) -> None:
    async with ImageRegistry(users={"me": "secret"}) as registry:
        name = registry.put(f"team/{subject.name}", "1", ["/bin/true"], user="1000:5")
        spec = sandbox_spec(subject)
        for login in (None, rt.RegistryLogin("me", "guess")):
            with pytest.raises(rt.ImageFailure) as failure:
                await subject.runtime.pull(name, login, spec)
            assert failure.value.reason == "ErrImagePull"
        identity = await subject.runtime.pull(name, rt.RegistryLogin("me", "secret"), spec)
        digest = registry.digest(f"team/{subject.name}", "1")
        for reference in (name, identity, f"{registry.host}/team/{subject.name}@{digest}"):
            found = await subject.runtime.image(reference)
            assert found is not None and found.id == identity and found.digests[0].endswith(digest)
            assert (found.uid, found.user) == (1000, "")
        await subject.runtime.remove_image(identity)
        with pytest.raises(rt.ImageFailure):
            await subject.runtime.pull(f"{registry.host}/none:1", rt.RegistryLogin("me", "secret"), spec)


@REAL
async def test_what_is_no_archive_is_refused(subject: Subject) -> None:
    async def content() -> AsyncIterator[bytes]:
        yield b"no archive"

    with pytest.raises(rt.RuntimeFailure):
        await subject.runtime.load(content())


@pytest.mark.parametrize("subject", ["docker"], indirect=True)
async def test_what_containers_write(subject: Subject, image: str) -> None:
    """containerd's own figures are ten seconds old: tests of eviction wait for those."""
    _, identity = await running(subject, image, f"dd if=/dev/zero of=/tmp/x bs=1M count=2; {STAYS}")
    async with asyncio.timeout(60):
        while (await subject.runtime.written_layers()).get(identity, rt.DiskUse()).used_bytes < 2 << 20:
            await asyncio.sleep(0.2)
