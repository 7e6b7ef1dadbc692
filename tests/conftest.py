"""Settings of the whole run.

Property tests promise correctness, not speed: a busy machine must not fail them. Components that tests start look for
cached objects that somebody changed. Programs in Go (kubectl is started some thousand times) collect their garbage
late: most are over before it matters. With several workers (pytest -n 2) the tests of a file stay together, and all
that share a cluster, or look whether something is left of theirs.
"""

from __future__ import annotations

import os

import pytest
from hypothesis import settings
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

os.environ.setdefault("MINI_DETECT_MUTATIONS", "1")
os.environ.setdefault("GOGC", "400")
settings.register_profile("the same each time", deadline=None, derandomize=True)
settings.register_profile("exploring", deadline=None)  # pytest --hypothesis-profile=exploring
settings.load_profile("the same each time")

TOGETHER = {"tests/e2e/": "machines", "tests/integration/miniadm/": "machines", "tests/integration/clients/": "clients"}
"""One worker gets all that switch machines on, one all that share the cluster of processes. They are the longest parts,
the one mostly waits and the other mostly works: they go first, beside each other, and small files fill what remains."""


def part(nodeid: str) -> str:
    """What stays on one worker."""
    return next((name for folder, name in TOGETHER.items() if nodeid.startswith(folder)), nodeid.partition("::")[0])


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: part(item.nodeid) not in TOGETHER.values())


class Together(LoadScopeScheduling):
    """What the workers share out among each other are files, but for those that belong together."""

    def _split_scope(self, nodeid: str) -> str:
        return part(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> Together:
    """Called when there are several workers."""
    return Together(config, log)
