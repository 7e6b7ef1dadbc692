"""A kubectl at a terminal, as a person has it: types, waits for what it shows, looks how it ended."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import struct
import termios
import time
from typing import Self

from tests.support.onenode import OneNode


class Terminal:
    """`with Terminal(node, "exec", "-it", …) as terminal: terminal.until("# ")`."""

    def __init__(self, node: OneNode, *words: str, rows: int = 24, columns: int = 80) -> None:
        self._mine, theirs = pty.openpty()
        self._seen = ""
        self.resize(rows, columns)
        streams = {"stdin": theirs, "stdout": theirs, "stderr": theirs}
        self._process = node.started(*words, **streams, preexec_fn=lambda: os.login_tty(theirs))
        os.close(theirs)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait()
        os.close(self._mine)

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._mine, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def say(self, text: str) -> None:
        os.write(self._mine, text.encode())

    def until(self, text: str, seconds: float = 60) -> str:
        """All that is shown up to this text, since the last text that was waited for."""
        deadline = time.monotonic() + seconds
        while text not in self._seen:
            ready, _, _ = select.select([self._mine], [], [], max(0.0, deadline - time.monotonic()))
            assert ready, f"{text!r} not in {self._seen!r}"
            self._seen += os.read(self._mine, 4096).decode(errors="replace")
        before, _, self._seen = self._seen.partition(text)
        return before + text

    def ends(self, seconds: float = 60) -> int:
        return self._process.wait(seconds)
