"""What is in the way of `mini up` is named, with what to do; and nothing half-made is left."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from miniadm import checks, kernel
from miniadm.cluster import Cluster
from tests.support import traces
from tests.support.cluster import PROJECT, LabCluster


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[LabCluster]:
    lab = LabCluster(f"t{uuid.uuid4().hex[:6]}", tmp_path / "home")
    yield lab
    lab.mini("delete", check=False)


def refused(lab: LabCluster, *words: str, **environment: str) -> str:
    """What `mini` complains of, having left nothing."""
    before = traces.look()
    done = subprocess.run(
        [sys.executable, "-m", "miniadm", *(words or ("up",))],
        cwd=PROJECT, env={**lab.environment, **environment}, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert done.returncode == 1, done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert not (traces.look() - before).of(Cluster(lab.name, lab.home))
    assert not lab.home.exists()
    return done.stderr


def test_a_foreign_bridge_of_the_same_name(lab: LabCluster):
    bridge = f"{lab.name}0"
    subprocess.run(["ip", "link", "add", bridge, "type", "bridge"], check=True)
    try:
        complaint = refused(lab)
        assert Path("/sys/class/net", bridge).exists()
    finally:
        subprocess.run(["ip", "link", "delete", bridge], check=True)
    assert f"{bridge} exists and is not this cluster's" in complaint
    assert "MINI_NAME" in complaint


def test_a_bridge_whose_cluster_was_forgotten_is_made_anew(lab: LabCluster):
    bridge = f"{lab.name}0"
    subprocess.run(["ip", "link", "add", bridge, "type", "bridge"], check=True)
    subprocess.run(["ip", "link", "set", bridge, "alias", Cluster(lab.name, lab.home).tag], check=True)
    lab.mini("up", "--workers", "1", "--runtime", "hollow")


def test_a_half_installed_package(lab: LabCluster, tmp_path: Path):
    """Every tool but one: the complaint names the package of that one alone."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for folder in [*os.environ["PATH"].split(":"), "/usr/sbin", "/sbin"]:
        for program in Path(folder).iterdir() if Path(folder).is_dir() else ():
            link = tools / program.name
            if program.name != "runc" and not link.exists() and not link.is_symlink():
                link.symlink_to(program)
    complaint = refused(lab, PATH=str(tools))
    assert "runc is missing or half installed: apt-get install --reinstall runc" in complaint
    assert complaint.count("\n  - ") == 1


def test_not_root(lab: LabCluster):
    """In a user namespace without a mapping nobody is root."""
    for verb in ("up", "down", "delete"):
        command = ["unshare", "--user", sys.executable, "-m", "miniadm", verb]
        done = subprocess.run(command, cwd=PROJECT, env=lab.environment, capture_output=True, text=True)
        assert done.returncode == 1
        assert "only root can do that: run it as root, or with sudo" in done.stderr


def test_a_folder_where_no_overlay_can_be_mounted(tmp_path: Path):
    """Over another overlay, as inside a container."""
    paths = {name: tmp_path / name for name in ("lower", "upper", "work", "merged")}
    for path in paths.values():
        path.mkdir()
    kernel.mount(
        "overlay", str(paths["merged"]), kind="overlay",
        options=f"lowerdir={paths['lower']},upperdir={paths['upper']},workdir={paths['work']}",
    )  # fmt: skip
    try:
        problems = list(checks._overlay(Cluster("mini", paths["merged"])))
    finally:
        kernel.unmount(str(paths["merged"]))
    assert all("set MINI_HOME" in problem for problem in problems)
    assert list(checks._overlay(Cluster("mini", tmp_path))) == []


def test_verbs_that_need_a_cluster_say_so(lab: LabCluster):
    for words in (("shell", "worker-1"), ("logs", "kubelet"), ("kubeconfig",), ("stop", "worker-1")):
        assert "./mini up makes it" in refused(lab, *words)
    assert "never started" in lab.mini("status")


def test_wishes_that_cannot_be(lab: LabCluster):
    assert "from 0 to 50" in refused(lab, "up", "--workers", "99")


def test_two_at_once(lab: LabCluster):
    holder = subprocess.Popen(
        [sys.executable, "-c", _HOLD], cwd=PROJECT, env=lab.environment, stdout=subprocess.PIPE,
        stdin=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert holder.stdout.readline() == "held\n"
    assert "another ./mini is changing cluster" in lab.mini("up", check=False)
    holder.communicate("")


_HOLD = """
import sys
from miniadm.__main__ import _alone
from miniadm.cluster import from_environment
with _alone(from_environment()):
    print("held", flush=True)
    sys.stdin.read()
"""


def test_a_broken_user_kubeconfig_is_left_alone_and_told(lab: LabCluster):
    path = Path(lab.environment["KUBECONFIG"])
    lab.home.mkdir()
    path.write_text("clusters: [")
    assert "left alone" in lab.mini("delete")
    assert path.read_text() == "clusters: ["
    path.unlink()
