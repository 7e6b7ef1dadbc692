"""A container's log, as `kubectl logs` asks for it: the end of it, since when, with times, and what is still to come.

Reads the files that the runtime writes. Real Kubernetes: kuberuntime/logs/logs.go, kubelet_pods.go
(validateContainerLogStatus).
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import IO

from kubelet.server.log_files import LogFiles, complete_lines
from kubelet.server.log_format import Line, parse
from machinery.api.core.v1 import ContainerStatus, Pod

BLOCK = 64 * 1024
FOLLOW_SECONDS = 0.1
"""While somebody follows a log, its file is looked at this often."""


class LogRefused(Exception):
    """There is no such log (yet). `code` is the HTTP status."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class LogOptions:
    follow: bool = False
    previous: bool = False
    timestamps: bool = False
    tail: int | None = None
    since: datetime | None = None
    limit: int | None = None

    @classmethod
    def parse(cls, query: Mapping[str, str], now: datetime) -> LogOptions:
        """From the query of a request. Raises ValueError."""
        since = None
        if text := query.get("sinceSeconds"):
            since = now - timedelta(seconds=int(text))
        elif text := query.get("sinceTime"):
            since = datetime.fromisoformat(text)
        return cls(
            follow=query.get("follow") in ("true", "1"),
            previous=query.get("previous") in ("true", "1"),
            timestamps=query.get("timestamps") in ("true", "1"),
            tail=int(query["tailLines"]) if query.get("tailLines") else None,
            since=since,
            limit=int(query["limitBytes"]) if query.get("limitBytes") else None,
        )


def status_of(pod: Pod, container: str) -> ContainerStatus:
    status = pod.status
    everyone = (
        *status.init_container_statuses, *status.container_statuses, *status.ephemeral_container_statuses,
    )  # fmt: skip
    found = next((status for status in everyone if status.name == container), None)
    if found is None:
        raise LogRefused(404, f'container "{container}" in pod "{pod.metadata.name}" is not available')
    return found


_PULL_WORDS = {"ErrImagePull": "image can't be pulled", "ImagePullBackOff": "trying and failing to pull image"}


def attempt_of(pod: Pod, container: str, previous: bool) -> int:
    """Which run of the container is meant; raises LogRefused where it has none."""
    status = status_of(pod, container)
    where = f'container "{container}" in pod "{pod.metadata.name}"'
    waiting = status.state.waiting
    if previous:
        if status.last_state.terminated is None:
            raise LogRefused(400, f"previous terminated {where} not found")
        return status.restart_count if waiting else status.restart_count - 1
    if waiting and status.last_state.terminated is None:
        reason = _PULL_WORDS.get(waiting.reason, waiting.reason)
        raise LogRefused(400, f"{where} is waiting to start: {reason}")
    return status.restart_count


def log_file(folder: str, pod: Pod, container: str, attempt: int) -> Path:
    meta = pod.metadata
    return Path(folder) / f"{meta.namespace}_{meta.name}_{meta.uid}" / container / f"{attempt}.log"


def moment(text: str) -> datetime:
    """The runtime writes nanoseconds, Python reads microseconds."""
    head, dot, rest = text.rstrip("Z").partition(".")
    return datetime.fromisoformat(f"{head}{dot}{rest[:6]}+00:00" if "+" not in rest else text)


class Renderer:
    """From lines of the file to bytes for the client, within the limit."""

    def __init__(self, options: LogOptions) -> None:
        self._options = options
        self._left = options.limit
        self._in_line = False

    @property
    def full(self) -> bool:
        return self._left is not None and self._left <= 0

    def render(self, line: Line) -> bytes:
        if self._options.since is not None and moment(line.time) < self._options.since:
            return b""
        stamp = f"{line.time} ".encode() if self._options.timestamps and not self._in_line else b""
        self._in_line = not line.full
        text = stamp + line.text
        if self._left is not None:
            text = text[: self._left]
            self._left -= len(text)
        return text


def _batch(file: IO[bytes], renderer: Renderer) -> bytes:
    """What can be sent now, about a block of it."""
    found: list[bytes] = []
    size = 0
    for raw in complete_lines(file):
        line = parse(raw)
        if line is not None:
            found.append(renderer.render(line))
            size += len(found[-1])
        if renderer.full or size >= BLOCK:
            break
    return b"".join(found)


async def read_log(path: Path, options: LogOptions, running: Callable[[], bool]) -> AsyncIterator[bytes]:
    """The log in pieces; with `follow`, until the container no longer runs."""
    renderer = Renderer(options)
    try:
        files = LogFiles(path, options.tail, options.since)
    except OSError as error:
        raise LogRefused(500, f'failed to try resolving symlinks in path "{path}": {error.strerror}') from error
    with closing(files):
        while not renderer.full:
            alive = running()
            if piece := _batch(files.current, renderer):
                yield piece
            elif files.next():
                continue
            elif not (options.follow and alive):
                return
            else:
                await asyncio.sleep(FOLLOW_SECONDS)
