"""The log files that runtimes write, one line each: a CRI runtime's, and a Docker Engine's.

    2026-11-21T00:16:47.334856Z stdout F text
    {"log":"text\\n","stream":"stdout","time":"2026-11-21T00:16:47.334856Z"}

Pure, but for `last_lines`. P marks a part of a longer line, F its end; Docker's last part has the line's end.
Real Kubernetes: kuberuntime/logs/logs.go, which reads both, too.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import orjson

TAIL_BLOCK = 64 * 1024


@dataclass(frozen=True)
class Line:
    time: str
    stream: str
    full: bool
    text: bytes
    """With its line end if the line is complete."""


def parse(raw: bytes) -> Line | None:
    """One line of the file; None for what is in neither format."""
    if raw.startswith(b"{"):
        return _parse_docker(raw)
    parts = raw.rstrip(b"\n").split(b" ", 3)
    if len(parts) < 4:
        return None
    time, stream, tag, text = parts
    full = tag.split(b":")[0] != b"P"
    return Line(time.decode(), stream.decode(), full, text + b"\n" if full else text)


def _parse_docker(raw: bytes) -> Line | None:
    try:
        found = orjson.loads(raw)
        text = found["log"]
        return Line(found["time"], found["stream"], text.endswith("\n"), text.encode())
    except (ValueError, KeyError, TypeError, AttributeError):
        return None


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
