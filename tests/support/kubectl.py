"""The real kubectls of this machine: the judges of our API and of minictl's output."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from pathlib import Path

from tests.support.foreign import debian_kubectl


@cache
def binaries() -> dict[str, str]:
    """Minor version ("1.32") → path, oldest first: every `kubectl` of PATH and the versions that lie beside it.

    Some distributions ship several versions as `kubectl.1.32` next to a dispatcher; MINI_KUBECTLS names more, separated
    by colons. Where there is none, the distribution's own that was fetched has to do.
    """
    found: dict[str, str] = {}
    for path in [*os.environ.get("MINI_KUBECTLS", "").split(os.pathsep), shutil.which("kubectl") or ""]:
        if path:
            found |= _with_siblings(Path(path).resolve())
    if not found and (own := debian_kubectl()):
        found[_minor(str(own))] = str(own)
    if not found:
        raise RuntimeError("no kubectl on this machine: the tests need one (`./mini test` fetches one where it can)")
    return dict(sorted(found.items(), key=lambda item: [int(part) for part in item[0].split(".")]))


@cache
def every_version() -> dict[str, str]:
    """Those, and the distribution's own where it was fetched (Debian 12's is 1.20: JSON, SPDY and OpenAPI v2 alone)."""
    own = debian_kubectl()
    return ({_minor(str(own)): str(own)} if own else {}) | binaries()


def side_by_side(versions: Iterable[str], walk: Callable[[str], object], at_once: int = 3) -> None:
    """Some at a time walk the same way, which is mostly waiting; what went wrong is told together, by version."""
    with ThreadPoolExecutor(at_once) as threads:
        walks = {version: threads.submit(walk, version) for version in versions}
    wrong = {version: error for version, done in walks.items() if (error := done.exception())}
    assert not wrong, "\n".join(f"kubectl {version}: {error!r}" for version, error in wrong.items())


def newest() -> str:
    """The path of the newest one that is no newer than one minor above our API (1.32)."""
    fitting = [path for version, path in binaries().items() if int(version.split(".")[1]) <= 33]
    return (fitting or list(binaries().values()))[-1]


def _with_siblings(path: Path) -> dict[str, str]:
    siblings = {match[1]: str(entry) for entry in path.parent.glob("kubectl.1.*")
                if (match := re.fullmatch(r"kubectl\.(1\.\d+)", entry.name))}  # fmt: skip
    return siblings or {_minor(str(path)): str(path)}


def _minor(path: str) -> str:
    told = subprocess.run([path, "version", "--client"], capture_output=True, text=True, check=False).stdout
    match = re.search(r"v(1\.\d+)", told)
    return match[1] if match else "0.0"


def kubectl(*args: str, binary: str | None = None, kubeconfig: str | os.PathLike[str] | None = None,
            stdin: str | None = None, check: bool = True, retries: int = 0) -> str:  # fmt: skip
    """Run one; its standard output. Raises AssertionError with its own words when it fails and `check` is set.

    retries: how often to try again, half a second apart, while the API server is away.
    """
    environment = {**os.environ, **({"KUBECONFIG": str(kubeconfig)} if kubeconfig else {})}
    for left in range(retries, -1, -1):
        result = subprocess.run(
            [binary or newest(), *args], input=stdin, env=environment, capture_output=True, text=True, timeout=120,
            check=False,
        )  # fmt: skip
        # The answer to a create may be lost on the way back: the second try then finds what the first one made.
        if not result.returncode or (left < retries and "AlreadyExists" in result.stderr):
            break
        if left:
            time.sleep(0.4)
        elif check:
            raise AssertionError(f"kubectl {' '.join(args)}: {result.stdout}{result.stderr}")
    return result.stdout if check else result.stdout + result.stderr
