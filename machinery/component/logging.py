"""One line of text per event on stderr, the same in every component.

    1121 00:08:44.123 I scheduler  pod default/web assigned to worker-1

Month, day, time and the level's letter are klog's; the source file is left out, since messages
name the objects they speak of. In real Kubernetes: k8s.io/klog and component-base/logs.
"""

from __future__ import annotations

import logging
import sys
import time

LETTERS = {logging.DEBUG: "D", logging.INFO: "I", logging.WARNING: "W", logging.ERROR: "E", logging.CRITICAL: "F"}


class LineFormatter(logging.Formatter):
    """Renders a record as `MMDD hh:mm:ss.mmm L component  message`."""

    def __init__(self, component: str) -> None:
        super().__init__()
        self._component = component

    def format(self, record: logging.LogRecord) -> str:
        stamp = time.strftime("%m%d %H:%M:%S", time.localtime(record.created))
        letter = LETTERS.get(record.levelno, "I")
        line = f"{stamp}.{int(record.msecs):03d} {letter} {self._component}  {record.getMessage()}"
        return f"{line}\n{self.formatException(record.exc_info)}" if record.exc_info else line


def setup(component: str, verbosity: int = 0) -> None:
    """Sends all loggers to stderr; verbosity 2 and more shows debug lines, as `--v=2` does."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(LineFormatter(component))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if verbosity >= 2 else logging.INFO)
    for chatty in ("asyncio", "aiohttp.access"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
