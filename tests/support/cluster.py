"""A whole cluster for a test, beside the user's own: another MINI_NAME, another MINI_HOME, deleted at the end.

with cluster(folder) as lab:
    lab.api.get("/api/v1/nodes")
    lab.mini("stop", "worker-1")
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from miniadm.api import Api
from miniadm.cluster import Cluster, from_environment

PROJECT = Path(__file__).parents[2]


@dataclass(frozen=True)
class LabCluster:
    """What a test needs to know of the cluster that it was given."""

    name: str
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        kubeconfig = str(self.home / "user.kubeconfig")
        return {**os.environ, "MINI_NAME": self.name, "MINI_HOME": str(self.home), "KUBECONFIG": kubeconfig}

    @property
    def cluster(self) -> Cluster:
        return from_environment(self.environment)

    @property
    def api(self) -> Api:
        """As administrator; a new connection each time."""
        return Api(self.cluster)

    def mini(self, *words: str, check: bool = True, seconds: float = 180) -> str:
        """A verb of ./mini; what it printed. Its complaint is the error."""
        done = subprocess.run(
            [sys.executable, "-m", "miniadm", *words],
            cwd=PROJECT, env=self.environment, capture_output=True, text=True, timeout=seconds,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise AssertionError(f"mini {' '.join(words)}: {done.stdout}{done.stderr}{self.last_words()}")
        return done.stdout + ("" if check else done.stderr)

    def shell(self, machine: str, *words: str) -> str:
        return self.mini("shell", machine, *words)

    def last_words(self, lines: int = 8) -> str:
        """The ends of all logs, for the report of a failed test."""
        texts = []
        for path in sorted(self.home.glob("nodes/*/logs/*.log")):
            tail = path.read_text(errors="replace").splitlines()[-lines:]
            texts.append("\n".join([f"--- {path.relative_to(self.home)}", *tail]))
        return "\n" + "\n".join(texts)


@contextmanager
def cluster(folder: Path, *options: str) -> Iterator[LabCluster]:
    """A running cluster; options are those of `mini up`."""
    lab = LabCluster(f"t{uuid.uuid4().hex[:6]}", folder / "home")
    try:
        lab.mini("up", *options)
        yield lab
    finally:
        lab.mini("delete", check=False)


def eventually(condition: Callable[[], object], seconds: float = 60) -> None:
    """Returns as soon as the condition holds, for tests that have no event loop.

    To ask often costs more than it gains: who has waited long is asked less often, and a tenth later at the most.
    """
    began = time.monotonic()
    while not condition():
        waited = time.monotonic() - began
        if waited > seconds:
            raise TimeoutError(f"not within {seconds} s: {condition.__qualname__}")
        time.sleep(min(max(0.02, waited / 10), 0.5))
