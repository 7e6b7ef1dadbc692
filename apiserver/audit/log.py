"""The audit log's file: lines wait in memory for at most FLUSH_SECONDS, and one thread writes them together.

A request never waits for the disk. What would make more than MAX_WAITING bytes wait is dropped and counted.
Real Kubernetes: k8s.io/apiserver/plugin/pkg/audit/{buffered,log}, and lumberjack, which names old files so.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO

from aiohttp import web

from apiserver import measures
from apiserver.audit.event import event, verdict_of
from apiserver.audit.policy import EVERYTHING, Level, Policy
from apiserver.call import Call

log = logging.getLogger(__name__)
FLUSH_SECONDS = 0.25
MAX_WAITING = 16 * 1024 * 1024
_MEGABYTE = 1024 * 1024
_DAY = 86400.0


@dataclass(frozen=True)
class Rotation:
    """When a file is full, and how many old ones are kept: 0 backups are all of them, 0 days are for ever."""

    max_megabytes: float = 100
    max_backups: int = 1
    max_days: int = 0


class AuditLog:
    """Collects lines and has them written. An empty path makes a log that keeps nothing; `-` is standard output."""

    def __init__(self, path: str, policy: Policy = EVERYTHING, rotation: Rotation | None = None) -> None:
        self.enabled = bool(path)
        self._policy = policy
        self._lines: list[bytes] = []
        self._waiting = 0
        self._timer: asyncio.TimerHandle | None = None
        self._writer = ThreadPoolExecutor(1, "audit")
        self._writing: Future | None = None
        self._write: Callable[[list[bytes]], None] | None = _file(path, rotation or Rotation()) if path else None

    def begin(self) -> float:
        """When a request came, in seconds since 1970: Call.received."""
        return time.time()

    def may_tell(self, stage: str) -> bool:
        """Whether a line of this stage may ever be written."""
        return self.enabled and self._policy.may_tell(stage)

    def tell(self, stage: str, call: Call, response: web.StreamResponse | None) -> None:
        """Take in the line of a request that has got so far; without a response it was not answered."""
        verdict = verdict_of(self._policy, call.impersonator or call.user, call.info)
        if verdict.level is Level.NONE or stage in verdict.omitted:
            return
        line = event(stage, call, response, verdict)
        measures.AUDIT_EVENTS.inc()
        if self._waiting + len(line) > MAX_WAITING:
            measures.AUDIT_ERRORS.inc("log")
            return
        self._lines.append(line)
        self._waiting += len(line)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)

    def flush(self) -> None:
        """Have what waits written, unless the disk is still busy with what came before."""
        self._timer = None
        if self._writing is not None and not self._writing.done():
            self._timer = asyncio.get_running_loop().call_later(FLUSH_SECONDS, self.flush)
        elif self._lines and self._write is not None:
            self._writing = self._writer.submit(self._written, self._taken())

    def _taken(self) -> list[bytes]:
        lines, self._lines, self._waiting = self._lines, [], 0
        return lines

    def _written(self, lines: list[bytes]) -> None:
        try:
            self._write(lines)
        except OSError as error:
            measures.AUDIT_ERRORS.inc("log", by=len(lines))
            log.error("%d lines of the audit log are lost: %s", len(lines), error)

    def close(self) -> None:
        """Write what waits, and wait for it."""
        self._writer.shutdown()
        if self._lines and self._write is not None:
            self._written(self._taken())


def _file(path: str, rotation: Rotation) -> Callable[[list[bytes]], None]:
    return _standard_output if path == "-" else RotatedFile(Path(path), rotation).write


def _standard_output(lines: list[bytes]) -> None:
    sys.stdout.buffer.write(b"".join(lines))
    sys.stdout.buffer.flush()


class RotatedFile:
    """A file that makes room when it is full: `audit.log` becomes `audit-2030-01-31T12-00-00.000.log`."""

    def __init__(self, path: Path, rotation: Rotation) -> None:
        self._path, self._rotation = path, rotation
        self._file: IO[bytes] = self._opened()

    def _opened(self) -> IO[bytes]:
        return open(self._path, "ab", buffering=0)

    def write(self, lines: list[bytes]) -> None:
        self._file.write(b"".join(lines))
        if self._file.tell() > self._rotation.max_megabytes * _MEGABYTE:
            self._rotate()

    def _rotate(self) -> None:
        self._file.close()
        now = datetime.now(UTC).strftime("%Y-%m-%dT%H-%M-%S.%f")[:-3]
        self._path.rename(self._path.with_name(f"{self._path.stem}-{now}{self._path.suffix}"))
        self._file = self._opened()
        self._forget()

    def _forget(self) -> None:
        old = sorted(self._path.parent.glob(f"{self._path.stem}-????-??-??T*{self._path.suffix}"), reverse=True)
        kept = self._rotation.max_backups or len(old)
        oldest = time.time() - self._rotation.max_days * _DAY if self._rotation.max_days else 0.0
        for number, file in enumerate(old):
            if number >= kept or file.stat().st_mtime < oldest:
                file.unlink()
