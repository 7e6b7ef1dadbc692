"""PostgreSQL as a container image, made of the distribution's own packages, with the manners of the official image.

`archive()` is the OCI archive's path: packages are fetched with apt and unpacked once into .cache, nothing is
installed. The image is called postgres:9.6.6 as the exercise writes it; inside is whatever version Debian has.
POSTGRES_USER, POSTGRES_PASSWORD and POSTGRES_DB say what to make in an empty PGDATA.
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import shutil
import subprocess
import tarfile
from pathlib import Path

from machinery.component.version import architecture
from tests.support.foreign import CACHE, once
from tests.support.images import BUSYBOX

NAME = "docker.io/library/postgres:9.6.6"
LIBRARIES = re.compile(r"lib|zlib1g|gcc-\d|krb5-")
LEFT_OUT = re.compile(
    r"libllvm|libz3|libelogind|libperl|libdebian|libnewt|libslang|libtextwrap|libc-|libjson|libgdbm|libdb5|libsemanage"
    r"|libpam-"
)
"""What only its installation scripts, or its compiler of queries, would need."""
WASTE = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/lintian")
COMMANDS = ("sh", "chown", "chmod", "mkdir", "su", "cat", "echo", "sleep", "ls", "test", "id", "rm", "sync")
ENTRY = """\
#!/bin/sh
set -e
bin=$(echo /usr/lib/postgresql/*/bin)
mkdir -p "$PGDATA" && chown postgres "$PGDATA" && chmod 700 "$PGDATA"
as_postgres() { su postgres -s /bin/sh -c "$1"; }
if [ ! -s "$PGDATA/PG_VERSION" ]; then
    echo "$POSTGRES_PASSWORD" > /tmp/password && chown postgres /tmp/password
    as_postgres "$bin/initdb --username='$POSTGRES_USER' --pwfile=/tmp/password --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --no-sync"
    rm /tmp/password
    echo "host all all all scram-sha-256" >> "$PGDATA/pg_hba.conf"
    as_postgres "echo 'CREATE DATABASE \\"$POSTGRES_DB\\";' | $bin/postgres --single -j postgres"
fi
echo "PostgreSQL init process complete; ready for start up."
exec su postgres -s /bin/sh -c "exec $bin/postgres -c listen_addresses='*' -c unix_socket_directories=/tmp \
    -c shared_buffers=16MB -c max_connections=20"
"""
ACCOUNTS = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\npostgres:x:999:999::/var/lib/postgresql:/bin/sh\n",
    "etc/group": "root:x:0:\npostgres:x:999:\n",
}


def archive() -> Path:
    """Made unless it is there."""
    folder = CACHE / f"postgres-{hashlib.sha256(ENTRY.encode()).hexdigest()[:12]}"
    once(folder, _make)
    return folder / "postgres.tar"


def _make(folder: Path) -> None:
    root = folder / "root"
    root.mkdir()
    for package in _fetched(folder):
        subprocess.run(["dpkg", "-x", str(package), str(root)], check=True)
        package.unlink()
    for waste in (*(root / each for each in WASTE), *root.glob("usr/lib/postgresql/*/lib/bitcode")):
        shutil.rmtree(waste, ignore_errors=True)
    _finish(root)
    _write(folder / "postgres.tar", _layer(root))
    shutil.rmtree(root)


def _fetched(folder: Path) -> list[Path]:
    """The server, its client, and the libraries that they need, as package files."""
    (server,) = re.findall(r"Depends: (postgresql-\d+)$", _apt_cache("depends", "postgresql"), re.MULTILINE)
    words = ("depends", "--recurse", "--important", "--no-pre-depends", server)
    listed = {line.strip() for line in _apt_cache(*words).splitlines() if not line.startswith(" ")}
    libraries = {name for name in listed if LIBRARIES.match(name) and not LEFT_OUT.match(name)}
    wanted = sorted({server, server.replace("-", "-client-"), *libraries})
    # Downloaded as root into a folder of root's: the sandbox user could not write there.
    command = ["apt-get", "-o", "APT::Sandbox::User=root", "download", *wanted]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, timeout=300)
    return sorted(folder.glob("*.deb"))


def _apt_cache(*words: str) -> str:
    return subprocess.run(["apt-cache", *words], capture_output=True, text=True, check=True).stdout


def _finish(root: Path) -> None:
    """A shell and a few commands, two users, and the script that starts it all."""
    for name in ("bin", "etc", "tmp", "run", "root", "var/lib/postgresql/data"):
        (root / name).mkdir(parents=True, exist_ok=True)
    (root / "tmp").chmod(0o1777)
    for name in ("lib", "lib64"):
        if (root / "usr" / name).exists() and not (root / name).exists():
            (root / name).symlink_to(f"usr/{name}")
    shutil.copy(BUSYBOX, root / "bin" / "busybox")
    for name in COMMANDS:
        if not (root / "bin" / name).exists():
            (root / "bin" / name).symlink_to("busybox")
    psql = next(root.glob("usr/lib/postgresql/*/bin/psql"))
    (root / "bin" / "psql").symlink_to(f"/{psql.relative_to(root)}")
    for name, text in {**ACCOUNTS, "bin/entry": ENTRY}.items():
        (root / name).write_text(text)
    (root / "bin" / "entry").chmod(0o755)


def _layer(root: Path) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        tar.add(root, arcname=".", filter=_of_root)
    return buffer.getvalue()


def _of_root(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = entry.mtime = 0
    entry.uname = entry.gname = ""
    return entry


def _write(path: Path, layer: bytes) -> None:
    """An OCI image layout."""
    environment = ["PATH=/bin:/usr/bin", "PGDATA=/var/lib/postgresql/data", "LANG=C.UTF-8"]
    config = json.dumps({
        "architecture": architecture(), "os": "linux",
        "config": {"Entrypoint": ["/bin/entry"], "Env": environment, "StopSignal": "SIGINT"},
        "rootfs": {"type": "layers", "diff_ids": [_digest(layer)]},
    }).encode()  # fmt: skip
    manifest = json.dumps({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": _reference("config.v1+json", config), "layers": [_reference("layer.v1.tar", layer)],
    }).encode()  # fmt: skip
    entry = {**_reference("manifest.v1+json", manifest), "annotations": {"io.containerd.image.name": NAME}}
    with tarfile.open(path, "w") as tar:
        _put(tar, "oci-layout", b'{"imageLayoutVersion": "1.0.0"}')
        _put(tar, "index.json", json.dumps({"schemaVersion": 2, "manifests": [entry]}).encode())
        for blob in (layer, config, manifest):
            _put(tar, "blobs/" + _digest(blob).replace(":", "/"), blob)


def _digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def _reference(kind: str, blob: bytes) -> dict[str, object]:
    return {"mediaType": f"application/vnd.oci.image.{kind}", "digest": _digest(blob), "size": len(blob)}


def _put(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    entry = tarfile.TarInfo(name)
    entry.size = len(data)
    tar.addfile(entry, io.BytesIO(data))
