import logging
import re
import sys

import pytest

from machinery.component.logging import LineFormatter, setup


def record(level: int, message: str, *args: object, exc_info: object = None) -> logging.LogRecord:
    return logging.LogRecord("x", level, __file__, 1, message, args, exc_info)


def test_one_line() -> None:
    line = LineFormatter("scheduler").format(record(logging.INFO, "pod %s assigned", "default/web"))
    assert re.fullmatch(r"\d{4} \d\d:\d\d:\d\d\.\d{3} I scheduler  pod default/web assigned", line)


def test_a_traceback_follows_its_line() -> None:
    try:
        raise ValueError("boom")
    except ValueError:
        lines = LineFormatter("x").format(record(logging.ERROR, "failed", exc_info=sys.exc_info())).splitlines()
    assert lines[0].endswith(" E x  failed")
    assert lines[-1] == "ValueError: boom"


@pytest.fixture
def _restored_root_logger():
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.mark.usefixtures("_restored_root_logger")
def test_verbosity(capsys: pytest.CaptureFixture[str]) -> None:
    log = logging.getLogger("machinery.test")
    setup("kubelet", 0)
    log.debug("why")
    log.info("what")
    setup("kubelet", 2)
    log.debug("also why")
    assert [line.split("  ")[1] for line in capsys.readouterr().err.splitlines()] == ["what", "also why"]
