"""Half a minute of a hard life, always in the same order. `python -m tests.soak` makes it as long as one likes."""

from __future__ import annotations

from pathlib import Path

from tests.soak.ground import ground
from tests.soak.run import run


async def test_nothing_is_left_over_and_nothing_is_untrue(tmp_path: Path) -> None:
    async with ground(tmp_path) as node:
        report = await run(node, seed=1, seconds=30)
    assert not report.faults, "\n".join(map(str, (report, *report.faults)))
    assert {"create", "delete", "kill container"} <= report.deeds.keys()
