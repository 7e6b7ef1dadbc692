"""The log files that a CRI runtime writes: `2026-11-21T00:16:47.334856Z stdout F text`, one line each.

Pure, but for `last_lines`. P marks a part of a longer line, F its end. Real Kubernetes: kuberuntime/logs/logs.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

TAIL_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Line:
    time: str
    stream: str
    full: bool
    text: bytes
    """With its line end if the line is complete."""


def parse(raw: bytes) -> Line | None:
    """One line of the file; None for what is not in the format."""
    parts = raw.rstrip(b"\n").split(b" ", 3)
    if len(parts) < 4:
        return None
    time, stream, tag, text = parts
    full = tag.split(b":")[0] != b"P"
    return Line(time.decode(), stream.decode(), full, text + b"\n" if full else text)


def last_lines(path: Path, count: int, limit: int) -> str:
    """The text of the last lines of a log, at most `limit` bytes of it."""
    try:
        with path.open("rb") as file:
            file.seek(0, 2)
            file.seek(max(0, file.tell() - TAIL_BLOCK))
            raw = file.read().splitlines()[-count:]
    except OSError:
        return ""
    text = b"".join(line.text for line in map(parse, raw) if line)
    return text[-limit:].decode(errors="replace")
