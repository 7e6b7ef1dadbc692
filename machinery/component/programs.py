"""Other programs (iptables-restore and its like), run to their end: `finished(command, stdin)`.

Once begun, a program is finished, even when its caller is ending: rules are never left half written by us.
"""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import Sequence
from typing import NamedTuple


class Finished(NamedTuple):
    """How a program ended and what it said."""

    code: int
    out: str
    err: str


async def finished(command: Sequence[str], stdin: str = "") -> Finished:
    """Run the program. Raises FileNotFoundError where there is none."""
    work = asyncio.ensure_future(_execute(command, stdin))
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        await asyncio.wait([work])
        raise


async def _execute(command: Sequence[str], stdin: str) -> Finished:
    """It reads from a file: a pipe fails under uvloop when the program ends before it has read everything."""
    with tempfile.TemporaryFile() as source:
        source.write(stdin.encode())
        source.seek(0)
        process = await asyncio.create_subprocess_exec(
            *command, stdin=source, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE
        )
        out, err = await process.communicate()
    return Finished(process.returncode or 0, out.decode(errors="replace"), err.decode(errors="replace"))
