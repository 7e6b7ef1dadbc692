"""Settings of the whole run.

Property tests promise correctness, not speed: a busy machine must not fail them. Components that tests start look for
cached objects that somebody changed. With several workers (pytest -n 2) the tests of a file stay together, and all
end-to-end tests, since they share what they have started.
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

SHARED = Path(__file__).parent / "e2e"


def pytest_collection_modifyitems(items: Iterable[pytest.Item]) -> None:
    """One worker for all that share their fixtures."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group("e2e" if SHARED in item.path.parents else str(item.path)))
