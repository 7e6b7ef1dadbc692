"""Images from an archive into containerd, through its own tool: CRI can only pull.

Writes to containerd's store. Unpacking is left to CRI, which knows the snapshotter and does it at the first container.
Left out: other CRI runtimes, which have no such door.
"""

from __future__ import annotations

import asyncio
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator

from kubelet.runtime.interface import RuntimeFailure


async def _ctr(path: str, *words: str) -> Process:
    try:
        return await asyncio.create_subprocess_exec(
            "ctr", "-a", path, "-n", "k8s.io", *words, stdin=PIPE, stdout=PIPE, stderr=PIPE
        )
    except FileNotFoundError as error:
        raise RuntimeFailure("this runtime cannot load images: there is no ctr on this node") from error


async def _ended(process: Process) -> str:
    out, err = await process.communicate()
    if process.returncode:
        raise RuntimeFailure(err.decode(errors="replace").strip())
    return out.decode()


async def blobs(path: str) -> set[str]:
    """Digests of all that containerd holds."""
    return set((await _ended(await _ctr(path, "content", "ls", "-q"))).split())


async def load(path: str, archive: AsyncIterator[bytes]) -> None:
    """Passes the archive on as it comes."""
    process = await _ctr(path, "images", "import", "--no-unpack", "-")
    assert process.stdin is not None
    try:
        async for piece in archive:
            process.stdin.write(piece)
            await process.stdin.drain()
    except ConnectionError:
        pass  # It says itself why it hung up.
    process.stdin.close()
    await _ended(process)
