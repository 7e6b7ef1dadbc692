"""A cluster for a benchmark: of its own name and folder, and gone at the end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from miniadm.cluster import Cluster, from_environment

ROOT = Path(__file__).parents[1]
NAME = "bench"


@contextmanager
def folder() -> Iterator[dict[str, str]]:
    """The environment that makes `./mini` work on the benchmark's cluster; deletes that cluster at the end."""
    with tempfile.TemporaryDirectory(prefix="mini-bench-") as path:
        environment = {**os.environ, "MINI_NAME": NAME, "MINI_HOME": f"{path}/home", "KUBECONFIG": f"{path}/kubeconfig"}
        try:
            yield environment
        finally:
            mini(environment, "delete")


@contextmanager
def running(*words: str) -> Iterator[Cluster]:
    """A cluster that is up."""
    with folder() as environment:
        mini(environment, "up", *words)
        yield from_environment(environment)


def mini(environment: dict[str, str], *words: str) -> str:
    """Run a verb of `./mini`; its output. Ends the benchmark with that output when it fails."""
    result = subprocess.run(
        [str(ROOT / "mini"), *words], env=environment, stdin=subprocess.DEVNULL, text=True, check=False,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
    )  # fmt: skip
    if result.returncode:
        sys.exit(f"mini {' '.join(words)}:\n{result.stdout}")
    return result.stdout
