"""Gives a machine's images to its Docker Engine: `python -m miniadm.docker_load SOCKET ARCHIVE`.

Distributions pack Docker's own client apart from the Engine, and this is all that we would need it for.
"""

from __future__ import annotations

import http.client
import json
import socket
import sys
from pathlib import Path


class _Connection(http.client.HTTPConnection):
    """To a unix socket."""

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.host)


def load(path: str, archive: Path) -> str:
    """"" when all went well, else why it did not: the Engine may say so at the end of an answer that began well."""
    connection = _Connection(path)
    try:
        with archive.open("rb") as file:
            headers = {"Host": "docker", "Content-Type": "application/x-tar"}
            connection.request("POST", "/images/load?quiet=1", file, headers, encode_chunked=True)
            answer = connection.getresponse()
        lines = [json.loads(line) for line in answer.read().splitlines() if line.strip()]
    finally:
        connection.close()
    if answer.status >= 400:
        return str(lines)
    return " ".join(line["error"] for line in lines if "error" in line)


if __name__ == "__main__":
    sys.exit(load(sys.argv[1], Path(sys.argv[2])) or 0)
