"""Load from a compiled generator: ApacheBench, since wrk and h2load cannot show a client certificate.

One thread, keep-alive, TLS 1.3; speaks HTTP/1.0 with keep-alive, to the bare server as well as to ours.
"""

from __future__ import annotations

import asyncio
import re
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

MISSING = "bench.apiserver needs ApacheBench (`ab`): apt-get install apache2-utils"
GENERATOR_FAULT = re.compile(r"^Non-2xx responses: +(\d+)|^Failed requests: +([1-9]\d*)", re.MULTILINE)


@dataclass(frozen=True)
class Body:
    """What is sent, and how."""

    file: Path
    method: str = "POST"
    content_type: str = "application/json"

    def arguments(self) -> list[str]:
        method = [] if self.method == "POST" else ["-m", self.method]  # must come behind -p
        return ["-p", str(self.file), "-T", self.content_type, *method]


@dataclass(frozen=True)
class Load:
    """What came of a run."""

    requests: int
    rate: float


def insist() -> None:
    """The generator is there, or the benchmark says what to install."""
    if shutil.which("ab") is None:
        sys.exit(MISSING)


async def run(
    url: str, certificate: Path, *, concurrency: int, seconds: float = 0, requests: int = 10_000_000,
    body: Body | None = None,
) -> Load:  # fmt: skip
    """Ask one URL again and again, for some seconds or some requests."""
    command = ["ab", "-q", "-l", "-k", "-E", str(certificate), "-c", str(concurrency)]
    command += ["-t", f"{seconds:g}"] if seconds else []
    command += ["-n", str(requests), *(body.arguments() if body else ()), url]
    process = await asyncio.create_subprocess_exec(
        *command, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output = (await process.communicate())[0].decode()
    if process.returncode or GENERATOR_FAULT.search(output):
        sys.exit(f"{' '.join(command)}:\n{output}")
    return Load(int(_number(output, "Complete requests")), _number(output, "Requests per second"))


def _number(output: str, title: str) -> float:
    return float(output.split(f"{title}:")[1].split()[0])
