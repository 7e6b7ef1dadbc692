"""Deadlines and limits on requests in flight, with handlers that wait to be told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiohttp import web

from apiserver.call import Call
from apiserver.limits import Deadlines, InFlight, deadline, is_long_running, requested_seconds
from apiserver.request_info import parse
from apiserver.user import User
from machinery.api.errors import BadRequest, Timeout, TooManyRequests

PODS = "/api/v1/namespaces/a/pods"


def call(method: str = "GET", path: str = PODS, *, user: User | None = None, watch: bool = False, **query: str) -> Call:
    http: Any = SimpleNamespace(query=query)
    return Call(http, parse(method, path, watch=watch), user or User("alice", ("system:authenticated",)))


async def answer(_: Call) -> web.StreamResponse:
    return web.Response()


async def hang(_: Call) -> web.StreamResponse:
    await asyncio.Event().wait()
    return web.Response()


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1m30s", 90), ("500ms", 0.5), ("1.5h", 5400), (".5s", 0.5), ("0", 0), ("0s", 0), ("-1s", -1), ("2us", 2e-6)],
)
def test_go_durations(text: str, seconds: float) -> None:
    assert requested_seconds(text) == pytest.approx(seconds)


@pytest.mark.parametrize(
    ("text", "why"),
    [("abc", 'invalid duration "abc"'), ("5", 'missing unit in duration "5"'), ("1d", 'invalid duration "1d"')],
)
def test_what_is_no_duration(text: str, why: str) -> None:
    with pytest.raises(BadRequest, match=f"invalid timeout specified in the request URL - time: {why}"):
        requested_seconds(text)


def test_what_is_long_running() -> None:
    for sub in ("log", "exec", "attach", "portforward", "proxy"):
        assert is_long_running(parse("GET", f"{PODS}/web/{sub}"))
    assert is_long_running(parse("GET", PODS, watch=True))
    assert not is_long_running(parse("GET", PODS)) and not is_long_running(parse("GET", f"{PODS}/web/status"))


async def test_a_request_ends_after_the_timeout_that_it_asked_for() -> None:
    begun = asyncio.get_running_loop().time()
    asked = call(timeout="100ms")
    with pytest.raises(Timeout, match="did not complete within requested timeout - context deadline exceeded"):
        await deadline(Deadlines())(hang)(asked)
    assert asyncio.get_running_loop().time() - begun < 2 and asked.cut_short


async def test_a_request_ends_after_the_longest_that_any_may_take() -> None:
    deadlines = Deadlines(0.1)
    limited = deadline(deadlines)
    every = call(), call(timeout="0s"), call(timeout="10m")
    ends = await asyncio.gather(*(limited(hang)(asked) for asked in every), return_exceptions=True)
    assert [type(end) for end in ends] == [Timeout] * 3
    assert (await limited(answer)(call())).status == 200
    watching = asyncio.create_task(limited(hang)(call(watch=True)))
    await asyncio.sleep(0)
    with pytest.raises(Timeout):
        await limited(hang)(call())
    assert not watching.done(), "a watch lasts as long as its client likes"
    watching.cancel()


async def test_cancelling_from_outside_is_no_timeout() -> None:
    running = asyncio.create_task(deadline(Deadlines())(hang)(call()))
    await asyncio.sleep(0)
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running


async def test_too_many_at_once() -> None:
    limit = InFlight(2, 1).limit
    reading = [asyncio.create_task(limit(hang)(call())) for _ in range(2)]
    writing = asyncio.create_task(limit(hang)(call("POST")))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    # One InFlight counts for all handlers that it wraps.
    for refused in (call(), call("POST")):
        with pytest.raises(TooManyRequests) as caught:
            await limit(answer)(refused)
        assert caught.value.retry_after == 1 and refused.cut_short
    master = User("admin", ("system:masters",))
    for heard in (call(user=master), call(watch=True), call(path="/readyz"), call(path=f"{PODS}/a/log")):
        assert (await limit(answer)(heard)).status == 200
    reading[0].cancel()
    await asyncio.gather(reading[0], return_exceptions=True)
    assert (await limit(answer)(call())).status == 200, "a place is free again"
    for task in (reading[1], writing):
        task.cancel()


async def test_no_limit() -> None:
    limit = InFlight(0, 0).limit
    running = [asyncio.create_task(limit(hang)(call("POST"))) for _ in range(1000)]
    await asyncio.sleep(0)
    assert (await limit(answer)(call("POST"))).status == 200
    for task in running:
        task.cancel()
