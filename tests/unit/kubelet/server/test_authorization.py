"""The node server asks the API server, and remembers."""

from __future__ import annotations

from typing import Any

import pytest

from kubelet.server.authorization import NO_SECONDS, YES_SECONDS, Authorization, question
from machinery.component.clock import FakeClock


class Api:
    """Answers SubjectAccessReviews."""

    def __init__(self, *allowed: str) -> None:
        self.allowed = allowed
        self.asked: list[Any] = []

    async def create(self, review: Any) -> Any:
        self.asked.append(review.spec)
        allowed = review.spec.resource_attributes.subresource in self.allowed
        return review.replace(status=review.status.replace(allowed=allowed))


@pytest.mark.parametrize(
    ("method", "path", "verb", "subresource"),
    [
        ("GET", "/pods", "get", "proxy"),
        ("POST", "/exec/n/p/c", "create", "proxy"),
        ("GET", "/metrics/cadvisor", "get", "metrics"),
        ("GET", "/stats/summary", "get", "stats"),
        ("GET", "/logs/", "get", "log"),
        ("GET", "/containerLogs/n/p/c", "get", "proxy"),
    ],
)
def test_what_a_request_stands_for(method: str, path: str, verb: str, subresource: str) -> None:
    asked = question("jane", (), method, path)
    assert (asked.verb, asked.subresource) == (verb, subresource)


async def test_answers_are_remembered_for_a_while() -> None:
    api, clock = Api("metrics"), FakeClock()
    may = Authorization(api, "n1", clock)  # type: ignore[arg-type]
    yes, no = question("jane", ("devs",), "GET", "/metrics"), question("jane", ("devs",), "GET", "/pods")
    for _ in range(2):
        assert await may.allows(yes) and not await may.allows(no)
    assert len(api.asked) == 2 and api.asked[0].groups == ("devs", "system:authenticated")
    assert api.asked[0].resource_attributes.name == "n1"
    clock.advance(NO_SECONDS)
    await may.allows(yes), await may.allows(no)
    assert len(api.asked) == 3
    clock.advance(YES_SECONDS)
    await may.allows(yes)
    assert len(api.asked) == 4


async def test_administrators_need_no_answer() -> None:
    may = Authorization(None, "n1", FakeClock())
    assert await may.allows(question("root", ("system:masters",), "GET", "/pods"))
    assert not await may.allows(question("jane", (), "GET", "/pods"))
