"""Components as processes that need not wait each time until Python has imported them.

    Fork("apiserver", flags, log)     # as subprocess.Popen([python, "-m", "apiserver", *flags], stdout=log, stderr=log)

For each component a process is made that imports it, and then forks for whoever wants one: the fork runs the same main,
with flags, environment and log of its own, in the network namespace of the thread that asked. Importing is most of what
a start costs, and a run of the tests starts more than a hundred API servers. When the tests end, however they do, their
forks end too. Processes of clusters that `mini` makes, and those whose memory is measured, start the plain way.
"""

from __future__ import annotations

import contextlib
import ctypes
import gc
import importlib
import json
import os
import runpy
import signal
import subprocess
import sys
import threading
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_HOME = os.open("/proc/self/ns/net", os.O_RDONLY)
"""Where the tests live, whichever namespace a test visits."""
IMPORTED = {
    "apiserver": ("machinery.component.quick_aiohttp", "apiserver.server", "machinery.component.run"),
    "kubelet": ("kubelet.kubelet", "kubelet.runtime.cri.runtime", "kubelet.runtime.hollow", "uvloop"),
}


class Fork:
    """A component that runs. It is asked and told as a subprocess.Popen is."""

    def __init__(self, component: str, flags: Iterable[str], log: Path) -> None:
        self.args = [component, *flags]
        self._forge = _forge(component)
        namespace = f"/proc/{os.getpid()}/task/{threading.get_native_id()}/ns/net"
        self.pid = self._forge.fork(
            {"flags": self.args[1:], "log": str(log), "namespace": namespace, "environment": dict(os.environ)})

    @property
    def returncode(self) -> int | None:
        """The exit code, or the number of the signal that ended it, negative."""
        return self._forge.ended.get(self.pid)

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout: float | None = None) -> int:
        with self._forge.news:
            if not self._forge.news.wait_for(lambda: self.returncode is not None, timeout):
                raise subprocess.TimeoutExpired(self.args, timeout or 0)
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


class Forge:
    """The process that forks, seen from the tests; `ended` are the exit codes of its forks by their numbers."""

    def __init__(self, component: str) -> None:
        command = [sys.executable, "-m", "tests.support.forks", component, str(_HOME)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdin=subprocess.PIPE,
                                         stdout=subprocess.PIPE, text=True, pass_fds=[_HOME])
        self.ended: dict[int, int] = {}
        self.news = threading.Condition()
        self._begun: list[int] = []
        self._one_at_a_time = threading.Lock()
        threading.Thread(target=self._listen, daemon=True).start()

    def fork(self, wish: dict[str, Any]) -> int:
        """The number of a new process."""
        assert self._process.stdin
        with self._one_at_a_time, self.news:
            self._process.stdin.write(json.dumps(wish) + "\n")
            self._process.stdin.flush()
            if not self.news.wait_for(lambda: self._begun or self._process.poll() is not None, 180):
                raise TimeoutError("no fork in time")
            if not self._begun:
                raise RuntimeError(f"it ended with {self._process.returncode}: {self._process.args}")
            return self._begun.pop()

    def _listen(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            pid, *code = map(int, line.split())
            with self.news:
                if code:
                    self.ended[pid] = code[0]
                else:
                    self._begun.append(pid)
                self.news.notify_all()
        with self.news:
            self._process.wait()
            self.news.notify_all()


@cache
def _forge(component: str) -> Forge:
    return Forge(component)


def main(component: str, home: int) -> None:
    """Import, and fork for each line that comes: `<pid>` is told of each, and `<pid> <exit code>` at its end."""
    _enter(home)
    for module in IMPORTED[component]:
        importlib.import_module(module)
    gc.freeze()
    alive: set[int] = set()

    def reap(*_: object) -> None:
        with contextlib.suppress(ChildProcessError):
            while pid := (found := os.waitpid(-1, os.WNOHANG))[0]:
                alive.discard(pid)
                os.write(1, b"%d %d\n" % (pid, os.waitstatus_to_exitcode(found[1])))

    signal.signal(signal.SIGCHLD, reap)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for line in sys.stdin:
        wish = json.loads(line)
        with open(wish["namespace"]) as namespace:
            if pid := os.fork():
                alive.add(pid)
                os.write(1, b"%d\n" % pid)
                continue
            _enter(namespace.fileno())
        return _become(component, wish)
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
    return None


def _enter(namespace: int) -> None:
    """A network namespace, unless this process lives there already: whoever is not root knows no other."""
    if os.fstat(namespace).st_ino != os.stat("/proc/self/ns/net").st_ino:
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.setns(namespace, 0):
            raise OSError(ctypes.get_errno(), "setns")


def _become(component: str, wish: dict[str, Any]) -> None:
    """In the fork: as if Python had been started for this alone."""
    for number in (signal.SIGCHLD, signal.SIGINT):
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)
    os.environ.clear()
    os.environ.update(wish["environment"])
    with open(wish["log"], "ab") as log, open(os.devnull, "rb") as nothing:
        for here, there in ((nothing, 0), (log, 1), (log, 2)):
            os.dup2(here.fileno(), there)
    sys.argv = [component, *wish["flags"]]
    runpy.run_module(component, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
