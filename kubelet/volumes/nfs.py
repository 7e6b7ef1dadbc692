"""nfs: a folder of another machine, mounted by mount(8) with the helper that distributions call nfs-common.

Real Kubernetes: volume/nfs/nfs.go.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from kubelet.volumes.failure import VolumeFailure
from machinery.api.core.v1 import NFSVolumeSource

DEADLINE = 120.0


def arguments(source: NFSVolumeSource, folder: Path, options: Sequence[str], *, read_only: bool = False) -> list[str]:
    """mount's own, in the order in which Kubernetes shows them. Pure."""
    read_only = read_only or source.read_only
    words = list(dict.fromkeys((*(("ro",) if read_only else ()), *options)))
    server = f"[{source.server}]" if ":" in source.server else source.server
    return ["-t", "nfs", *(("-o", ",".join(words)) if words else ()), f"{server}:{source.path}", str(folder)]


async def mount_nfs(
    source: NFSVolumeSource,
    folder: Path,
    options: Sequence[str] = (),
    *,
    read_only: bool = False,
    command: str = "mount",
) -> Path:
    """Mounts once; what is mounted stays."""
    if os.path.ismount(folder):
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    words = arguments(source, folder, options, read_only=read_only)
    try:
        await _run(command, words)
    except BaseException:
        folder.rmdir()
        raise
    return folder


async def _run(command: str, words: Sequence[str]) -> None:
    pipes = {"stdout": asyncio.subprocess.PIPE, "stderr": asyncio.subprocess.STDOUT}
    try:
        process = await asyncio.create_subprocess_exec(command, *words, **pipes)
    except OSError as error:
        raise VolumeFailure(f"mount failed: {error.strerror}") from error
    try:
        async with asyncio.timeout(DEADLINE):
            output, _ = await process.communicate()
    except BaseException as error:
        process.kill()
        await process.wait()
        if isinstance(error, TimeoutError):
            raise VolumeFailure("mount failed: context deadline exceeded") from error
        raise
    if process.returncode:
        text = output.decode(errors="replace")
        shown = f"Mounting command: {command}\nMounting arguments: {' '.join(words)}\nOutput: {text}"
        raise VolumeFailure(f"mount failed: exit status {process.returncode}\n{shown}")
