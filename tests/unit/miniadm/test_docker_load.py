"""An Engine that stands for itself: what it hears, and what we make of its answers."""

from __future__ import annotations

import socketserver
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler
from pathlib import Path

import pytest

from miniadm.docker_load import load


class Engine(socketserver.UnixStreamServer):
    status, answer = 200, b'{"stream":"Loaded image: a"}\n'
    heard = b""

    def get_request(self) -> tuple[object, tuple[str, int]]:
        return super().get_request()[0], ("", 0)


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        while size := int(self.rfile.readline(), 16):
            self.server.heard += self.rfile.read(size)  # type: ignore[attr-defined]
            self.rfile.readline()
        self.send_response(self.server.status)  # type: ignore[attr-defined]
        self.end_headers()
        self.wfile.write(self.server.answer)  # type: ignore[attr-defined]

    def log_message(self, *_: object) -> None:
        """Nobody reads it."""


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    with Engine(f"{tmp_path}/d.sock", Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server
        server.shutdown()


@pytest.mark.parametrize(("status", "answer", "words"), [
    (200, b'{"stream":"Loaded image: a"}\n', ""), (200, b'{"stream":"x"}\n{"error":"no room"}\n', "no room"),
    (500, b'{"message":"broken"}', "broken"),
])  # fmt: skip
def test_loading(engine: Engine, tmp_path: Path, status: int, answer: bytes, words: str) -> None:
    engine.status, engine.answer = status, answer
    (tmp_path / "archive").write_bytes(b"x" * 100_000)
    said = load(f"{tmp_path}/d.sock", tmp_path / "archive")
    assert engine.heard == b"x" * 100_000 and words in said and bool(said) == bool(words)
