"""Tells the user what happens, one line for each step with the time that it took."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Progress:
    """Steps on a terminal or in a log; `total` counts from the command's start."""

    def __init__(self, *, quiet: bool = False) -> None:
        self._began = time.monotonic()
        self._quiet = quiet

    @property
    def total(self) -> float:
        return time.monotonic() - self._began

    @contextmanager
    def step(self, title: str) -> Iterator[None]:
        """Print the title while the step runs (on a terminal), and its time once it is done."""
        began = time.monotonic()
        live = sys.stdout.isatty() and not self._quiet
        if live:
            print(f"  .. {title}", end="\r", flush=True)
        try:
            yield
        except BaseException:
            self.say(f"  !! {title}")
            raise
        self.say(f"  ok {title:<58} {time.monotonic() - began:5.1f} s")

    def say(self, text: str = "") -> None:
        if not self._quiet:
            print(text, flush=True)
