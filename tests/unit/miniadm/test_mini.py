"""The shell script at the front door."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

MINI = Path(__file__).parents[3] / "mini"


def mini(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([MINI, *words], capture_output=True, text=True, env={**os.environ, **environment}, timeout=60)


@pytest.mark.parametrize("shell", ["dash", "bash", "busybox"])
def test_every_common_shell_can_read_it(shell: str):
    command = ["busybox", "sh", "-n"] if shell == "busybox" else [shell, "-n"]
    assert subprocess.run([*command, MINI], capture_output=True, text=True).stderr == ""


def test_help_lists_every_verb():
    text = mini("help").stdout
    for verb in ("up", "test", "status", "shell", "logs", "kubeconfig", "stop", "start", "down", "delete"):
        assert f"\n  {verb}" in text or f", {verb}" in text


def test_an_unknown_verb_is_an_error_with_help():
    done = mini("frobnicate")
    assert done.returncode == 1
    assert "there is no verb 'frobnicate'" in done.stderr
    assert "usage:" in done.stderr


def test_before_anything_is_installed_it_says_what_installs_it(tmp_path: Path):
    copy = tmp_path / "mini"
    copy.write_bytes(MINI.read_bytes())
    copy.chmod(0o755)
    done = subprocess.run([copy, "status"], capture_output=True, text=True)
    assert done.returncode == 1
    assert "./mini up" in done.stderr


def test_a_distribution_without_apt_is_told_what_it_needs(tmp_path: Path):
    """With a PATH of the basic tools only, as on a system of another family with nothing installed."""
    tools = tmp_path / "bin"
    tools.mkdir()
    for tool in ("dirname", "date", "uname", "id", "awk", "ldd", "cat", "cksum"):
        real = next(Path(folder, tool) for folder in ("/bin", "/usr/bin") if Path(folder, tool).exists())
        (tools / tool).symlink_to(real)
    copy = tmp_path / "mini"
    text = MINI.read_text().replace("PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n", "")
    copy.write_text(text.replace("PATH=$PATH:/usr/sbin:/sbin ", ""))
    copy.chmod(0o755)
    done = subprocess.run(["/bin/sh", copy, "up"], capture_output=True, text=True, env={"PATH": str(tools)})
    assert done.returncode == 1
    assert "containernetworking-plugins" not in done.stderr.partition("Elsewhere")[2]
    assert "etcd containerd runc" in done.stderr
    assert "Python 3.11" in done.stderr
