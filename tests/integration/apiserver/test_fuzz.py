"""Two thousand requests that nobody means, always the same ones. `python -m tests.fuzz` sends as many as one likes."""

from __future__ import annotations

from tests.fuzz.run import run
from tests.support.apiserver import ApiServer

REQUESTS = 2000


async def test_no_request_is_a_server_error_or_hangs(server: ApiServer) -> None:
    report = await run(server, seed=2026, requests=REQUESTS)
    assert not report.faults, "\n".join(report.faults)
    assert report.sent == REQUESTS
    succeeded = sum(count for status, count in report.statuses.items() if status < 300)
    assert succeeded > REQUESTS // 20, f"hardly any request got through: {report}"
