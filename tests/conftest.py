"""Settings of the whole run.

Property tests promise correctness, not speed: a busy machine must not fail them. Components that tests start look for
cached objects that somebody changed. With several workers (pytest -n 2) the tests of a file stay together, and all
that switch machines on: they share a cluster, or look whether something is left of theirs.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("MINI_DETECT_MUTATIONS", "1")
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

HERE = Path(__file__).parent
SHARED = {HERE / "e2e", HERE / "integration" / "miniadm"}


@pytest.hookimpl(tryfirst=True)  # Before the workers read the marks.
def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """One worker for all that share their fixtures."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("machines" if SHARED & set(item.path.parents) else str(item.path)))
