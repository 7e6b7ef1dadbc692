"""Events by the second: each kind of limit, what is forgotten, and what is wrong with a configuration."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.admission.attributes import Attributes
from apiserver.admission.configuration import Mistaken
from apiserver.admission.event_rate_limit import EventRateLimit, limits_from
from apiserver.user import User
from machinery.api import scheme
from machinery.api.errors import TooManyRequests

EVENTS, PODS = scheme.for_kind("v1", "Event"), scheme.for_kind("v1", "Pod")
KIND = {"apiVersion": "eventratelimit.admission.k8s.io/v1alpha1", "kind": "Configuration"}


def limit(kind: str, qps: int = 1, burst: int = 2, **more: Any) -> dict[str, Any]:
    return {**KIND, "limits": [{"type": kind, "qps": qps, "burst": burst, **more}]}


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def about(name: str = "web", component: str = "kubelet") -> dict[str, Any]:
    return {"involvedObject": {"kind": "Pod", "name": name}, "source": {"component": component}}


async def passes(plugin: EventRateLimit, event: Any = None, *, namespace: str = "a", user: str = "jane",
                 operation: str = "CREATE", resource: Any = EVENTS, dry_run: bool = False) -> bool:
    asked = Attributes(operation, resource, namespace, "e", User(user), dry_run=dry_run)
    if not plugin.handles(asked):
        return True
    try:
        await plugin.validate(asked, event or about(), None)
    except TooManyRequests:
        return False
    return True


async def test_a_burst_then_so_many_per_second() -> None:
    clock = Clock()
    plugin = EventRateLimit(limit("Server", qps=2, burst=3), clock=clock)
    assert [await passes(plugin) for _ in range(5)] == [True] * 3 + [False] * 2
    clock.now += 1
    assert [await passes(plugin, namespace="b", user="joe") for _ in range(3)] == [True, True, False]
    assert await passes(plugin, operation="DELETE") and await passes(plugin, dry_run=True)
    assert await passes(plugin, resource=PODS)


@pytest.mark.parametrize(
    ("kind", "same", "other"),
    [
        ("Namespace", {"user": "joe"}, {"namespace": "b"}),
        ("User", {"namespace": "b"}, {"user": "joe"}),
        ("SourceAndObject", {"user": "joe", "namespace": "b"}, {"event": about("db")}),
        ("SourceAndObject", {}, {"event": about(component="scheduler")}),
    ],
)
async def test_who_shares_a_bucket(kind: str, same: dict[str, Any], other: dict[str, Any]) -> None:
    plugin = EventRateLimit(limit(kind, burst=1), clock=Clock())
    assert await passes(plugin)
    assert not await passes(plugin, **same)
    assert await passes(plugin, **other)


async def test_the_bucket_that_was_not_used_for_longest_is_forgotten() -> None:
    plugin = EventRateLimit(limit("User", burst=1, cacheSize=2), clock=Clock())
    for user in ("a", "b"):
        assert await passes(plugin, user=user)
    assert not await passes(plugin, user="a")
    assert await passes(plugin, user="c") and not await passes(plugin, user="a")
    assert await passes(plugin, user="b"), "its bucket made room for c's, so it has a new one"


async def test_the_refusal_says_which_limit() -> None:
    plugin = EventRateLimit(limit("User", burst=1), clock=Clock())
    asked = Attributes("CREATE", EVENTS, "a", "e", User("jane"))
    await plugin.validate(asked, about(), None)
    with pytest.raises(TooManyRequests, match="limit reached on type User for key jane") as caught:
        await plugin.validate(asked, about(), None)
    assert caught.value.code == 429


@pytest.mark.parametrize(
    ("document", "why"),
    [
        ({"kind": "Configuration"}, "no Configuration of eventratelimit.admission.k8s.io/v1alpha1"),
        (KIND, "limits: Invalid value: null: must not be empty"),
        (limit("Pod"), r'limits\[0\].type: Unsupported value: "Pod"'),
        (limit("User", qps=0), r"limits\[0\].qps: Invalid value: 0: must be positive"),
        (limit("User", burst=-1), r"limits\[0\].burst: Invalid value: -1: must be positive"),
        (limit("User", cacheSize=-1), r"limits\[0\].cacheSize: Invalid value: -1: must not be negative"),
        (limit("User", size=1), r"limits\[0\].size: Invalid value: 1: unknown field"),
    ],
)
def test_mistakes(document: dict[str, Any], why: str) -> None:
    with pytest.raises(Mistaken, match=why):
        limits_from(document)
