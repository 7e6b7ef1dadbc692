"""The shell script at the front door."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
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


_APT_GET = """#!/bin/sh
echo "apt-get $*" >>{folder}/log
case "$*" in
    update) touch {folder}/lists ;;
    *--dry-run*) [ -e {folder}/lists ] ;;
    install*)
        if [ -e {folder}/policy-rc.d ]; then sh {folder}/policy-rc.d; echo "may services start? $?" >>{folder}/log; fi
        touch {folder}/units/etcd.service
        ln -s /bin/true {folder}/bin/etcd ;;
esac
"""
_PYTHON = """#!/bin/sh
echo "python $*" >>{folder}/log
"""
_LOGS_ITSELF = """#!/bin/sh
echo "$(basename "$0") $*" >>{folder}/log
"""
_BASIC = [
    "awk",
    "basename",
    "cat",
    "chmod",
    "cksum",
    "date",
    "dirname",
    "grep",
    "id",
    "ldd",
    "ln",
    "mktemp",
    "printf",
    "rm",
    "sed",
    "sh",
    "tail",
    "tee",
    "touch",
    "uname",
]


class Computer:
    """A checkout of the script on a computer whose programs are `tools` and some that only write a log."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.tools = folder, folder / "bin"
        for new in ("bin", "units", ".venv/bin"):
            (folder / new).mkdir(parents=True)
        for tool in _BASIC:
            (self.tools / tool).symlink_to(shutil.which(tool))
        (self.tools / "python3").symlink_to(Path(sys.executable).resolve())
        text = MINI.read_text().replace("PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin\n", "")
        text = text.replace("PATH=$PATH:/usr/sbin:/sbin ", "").replace("/usr/sbin/policy-rc.d", f"{folder}/policy-rc.d")
        self.script("mini", text.replace("/lib/systemd/system", f"{folder}/units"))
        (folder / "pyproject.toml").write_text((MINI.parent / "pyproject.toml").read_text())

    def script(self, name: str, text: str) -> None:
        path = self.folder / name
        path.write_text(text)
        path.chmod(0o755)

    def fake(self, name: str, text: str = _LOGS_ITSELF) -> None:
        self.script(name, text.format(folder=self.folder))

    def mini(self, *words: str) -> subprocess.CompletedProcess[str]:
        environment = {"PATH": str(self.tools), "HOME": str(self.folder)}
        command = ["/bin/sh", self.folder / "mini", *words]
        return subprocess.run(command, capture_output=True, text=True, env=environment, timeout=60)

    def log(self) -> list[str]:
        return (self.folder / "log").read_text().splitlines()


@pytest.fixture
def computer(tmp_path: Path) -> Computer:
    """Debian with everything but etcd, package lists never fetched."""
    computer = Computer(tmp_path)
    for tool in ("containerd", "runc", "iptables", "conntrack", "ip", "nsenter", "modprobe", "dpkg", "systemctl"):
        computer.fake(f"bin/{tool}")
    computer.fake("bin/apt-get", _APT_GET)
    computer.fake(".venv/bin/python", _PYTHON)
    return computer


def test_it_says_what_it_installs_and_then_hands_over(computer: Computer):
    done = computer.mini("up", "--workers", "1")
    assert done.returncode == 0, done.stderr
    assert "mini will install these packages: etcd-server\n" in done.stdout
    assert "mini will install in .venv: aetcd aiohttp" in done.stdout
    assert "hypothesis" not in done.stdout
    assert computer.log()[-1] == "python -m miniadm up --workers 1"


def test_package_lists_are_fetched_only_when_they_are_needed(computer: Computer):
    computer.mini("up")
    assert "apt-get update" in computer.log()
    (computer.tools / "etcd").unlink()
    (computer.folder / "log").unlink()
    computer.mini("up")
    assert "apt-get update" not in computer.log()


def test_installing_starts_no_service_and_leaves_none_enabled(computer: Computer):
    computer.mini("up")
    assert "may services start? 101" in computer.log()
    assert "systemctl disable etcd.service" in computer.log()
    assert not (computer.folder / "policy-rc.d").exists()


def test_a_service_that_was_there_before_is_left_alone(computer: Computer):
    (computer.folder / "units" / "etcd.service").touch()
    (computer.folder / "policy-rc.d").write_text("#!/bin/sh\n# the administrator's\nexit 101\n")
    computer.mini("up")
    assert not any("systemctl disable" in line for line in computer.log())
    assert (computer.folder / "policy-rc.d").exists()


def test_the_second_time_it_is_silent(computer: Computer):
    computer.mini("up")
    (computer.folder / "log").unlink()
    done = computer.mini("up")
    assert done.stdout == ""
    assert computer.log() == ["python -m miniadm up"]


def test_a_failed_installation_shows_why_and_tidies_up(computer: Computer):
    computer.fake("bin/apt-get", "#!/bin/sh\necho E: no space left on device; exit 100\n")
    done = computer.mini("up")
    assert done.returncode == 1
    assert "no space left on device" in done.stderr
    assert "goes on from here" in done.stderr
    assert not (computer.folder / "policy-rc.d").exists()


def test_tests_need_more_libraries(computer: Computer):
    done = computer.mini("test", "-q", "tests/unit")
    assert "hypothesis" in done.stdout
    assert computer.log()[-1] == "python -m pytest -q tests/unit"


def test_a_distribution_without_apt_is_told_what_it_needs(computer: Computer):
    (computer.tools / "apt-get").unlink()
    done = computer.mini("up")
    assert done.returncode == 1
    assert "these are missing: etcd-server." in done.stderr
    assert "etcd containerd runc" in done.stderr
    assert "Python 3.11" in done.stderr
