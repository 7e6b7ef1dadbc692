"""How long a request may take and how many may run at once; exec, logs, watches and their like are exempt.

A deadline costs a request two dict operations: one timer a second looks at the oldest of those that run.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/filters/request_deadline.go and pkg/server/filters/{timeout,
maxinflight}.go. The plain limit stands where priority and fairness, which asks who asks, is switched off.
"""

from __future__ import annotations

import asyncio
import re

from aiohttp import web

from apiserver import measures
from apiserver.call import Call, Filter, Handler
from apiserver.request_info import RequestInfo
from machinery.api.errors import BadRequest, Timeout, TooManyRequests, quote

REQUEST_SECONDS = 60.0
PRIVILEGED = "system:masters"
_SWEEP_SECONDS = 1.0
_LONG_VERBS = frozenset(("watch", "proxy"))
_LONG_SUBRESOURCES = frozenset(("attach", "exec", "proxy", "log", "portforward"))
_PROBES = ("/healthz", "/livez", "/readyz")
_DURATION = re.compile(r"[+-]?(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+")
_PART = re.compile(r"(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)")
_SECONDS = {"ns": 1e-9, "us": 1e-6, "µs": 1e-6, "μs": 1e-6, "ms": 1e-3, "s": 1.0, "m": 60.0, "h": 3600.0}


def is_long_running(info: RequestInfo) -> bool:
    """What lasts as long as its client likes."""
    return info.verb in _LONG_VERBS or (info.subresource in _LONG_SUBRESOURCES and info.is_resource)


class Deadlines:
    """The requests that run, oldest first, and one timer that ends those whose time has passed."""

    def __init__(self, seconds: float = REQUEST_SECONDS) -> None:
        self.seconds = seconds
        self._due: dict[asyncio.Task, float] = {}
        self._late: set[asyncio.Task] = set()
        self._timer: asyncio.TimerHandle | None = None

    def begin(self, task: asyncio.Task) -> None:
        loop = asyncio.get_running_loop()
        self._due[task] = loop.time() + self.seconds
        if self._timer is None:
            self._timer = loop.call_later(_SWEEP_SECONDS, self._sweep)

    def end(self, task: asyncio.Task) -> bool:
        """Whether it was too late."""
        if self._due.pop(task, None) is None and task in self._late:
            self._late.remove(task)
            return True
        return False

    def _sweep(self) -> None:
        loop = asyncio.get_running_loop()
        now = loop.time()
        for task in [task for task, due in self._due.items() if due <= now]:
            del self._due[task]
            self._late.add(task)
            task.cancel()
        self._timer = loop.call_later(_SWEEP_SECONDS, self._sweep) if self._due else None


def deadline(deadlines: Deadlines) -> Filter:
    """Ends a request after its `timeout`, or after the longest that any may take. 504: it may yet be done."""

    def step(following: Handler) -> Handler:
        async def handle(call: Call) -> web.StreamResponse:
            if is_long_running(call.info):
                return await following(call)
            if asked := call.http.query.get("timeout"):
                seconds = requested_seconds(asked)
                if 0 < seconds < deadlines.seconds:
                    return await _within(seconds, following, call)
            task = asyncio.current_task()
            late = False
            deadlines.begin(task)
            try:
                return await following(call)
            except asyncio.CancelledError:
                late = deadlines.end(task)
                if late and task.uncancel() == 0:
                    raise _too_late(call) from None
                raise
            finally:
                if not late:
                    deadlines.end(task)

        return handle

    return step


async def _within(seconds: float, following: Handler, call: Call) -> web.StreamResponse:
    try:
        async with asyncio.timeout(seconds) as limit:
            return await following(call)
    except TimeoutError:
        if limit.expired():
            raise _too_late(call) from None
        raise


def requested_seconds(text: str) -> float:
    """The `timeout` parameter, a Go duration such as `1m30s`."""
    if _DURATION.fullmatch(text):
        total = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(text))
        return -total if text.startswith("-") else total
    if text in ("0", "+0", "-0"):
        return 0.0
    why = "missing unit in" if re.fullmatch(r"[+-]?\d+\.?\d*", text) else "invalid"
    raise BadRequest(f"invalid timeout specified in the request URL - time: {why} duration {quote(text)}")


def _too_late(call: Call) -> Timeout:
    call.cut_short = True
    return Timeout("request did not complete within requested timeout - context deadline exceeded")


class InFlight:
    """The requests that run now, of those that read and those that write; a limit of 0 is none."""

    def __init__(self, reading: int, writing: int) -> None:
        self._limits = (reading, writing)
        self._running = [0, 0]
        measures.IN_FLIGHT.ask = self._count

    def _count(self) -> dict[tuple[str, ...], float]:
        return {("readOnly",): self._running[0], ("mutating",): self._running[1]}

    def limit(self, following: Handler) -> Handler:
        """Refuses what is too much, except of those who must always be heard."""
        running, limits = self._running, self._limits

        async def handle(call: Call) -> web.StreamResponse:
            info = call.info
            if is_long_running(info):
                return await following(call)
            kind = 1 if info.verb in measures.MUTATING else 0
            if 0 < limits[kind] <= running[kind] and not _always_heard(call):
                call.cut_short = True
                raise TooManyRequests("Too many requests, please try again later.", retry_after=1)
            running[kind] += 1
            try:
                return await following(call)
            finally:
                running[kind] -= 1

        return handle


def _always_heard(call: Call) -> bool:
    return PRIVILEGED in call.user.groups or call.info.path.startswith(_PROBES)
