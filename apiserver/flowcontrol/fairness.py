"""Priority and fairness put together: the step of the pipeline, and the configuration that it obeys at every moment.

Watches the FlowSchemas and PriorityLevelConfigurations in this server's own cache; a change holds from the next request
on. While no level is full, a request costs one look into a dict, where its flow is remembered, and a few counters. A
watch holds its seat only until it has begun; exec, logs and their like hold none.
Real Kubernetes: k8s.io/apiserver/pkg/server/filters/priority-and-fairness.go and pkg/util/flowcontrol.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import orjson
from aiohttp import web

from apiserver import measures
from apiserver.call import Call, Handler
from apiserver.flowcontrol import matching, metrics
from apiserver.flowcontrol.bootstrap import LEVEL, MANDATORY, SCHEMA, objects
from apiserver.flowcontrol.flows import Flow, Seat
from apiserver.flowcontrol.matching import Schema
from apiserver.flowcontrol.queues import Level, Tally
from apiserver.flowcontrol.seats import allotted, bounds
from apiserver.flowcontrol.work import width_of_list
from apiserver.limits import is_long_running
from apiserver.request_info import RequestInfo
from apiserver.storage.interface import Cacher, Entry
from apiserver.user import User
from machinery.api.errors import TooManyRequests

Doc = dict[str, Any]
ADJUST_SECONDS = 10.0
MOST_FLOWS = 8192
_CATCH_ALL = "catch-all"


class Fairness:
    """Wants the seats of the whole server, and how many objects of a resource there are."""

    def __init__(self, total: int, sizes: Callable[[str, str, str], int] = lambda *_: 0) -> None:
        self._total, self._sizes = total, sizes
        self._objects: dict[str, dict[str, Doc]] = {
            kind: {each["metadata"]["name"]: each for each in objects(kind) if each["metadata"]["name"] in MANDATORY}
            for kind in (SCHEMA, LEVEL)
        }
        self.levels: dict[str, Level] = {}
        self.schemas: list[Schema] = []
        self.changed = asyncio.Event()
        """Set whenever the objects have changed, for whoever looks after their status."""
        self._flows: dict[tuple, Flow] = {}
        self._running = [0, 0]
        self._renewal: asyncio.Handle | None = None
        self.renew()
        measures.IN_FLIGHT.ask = lambda: {("readOnly",): self._running[0], ("mutating",): self._running[1]}
        self._measured()

    # --- configuration

    def follow(self, schemas: Cacher, levels: Cacher) -> None:
        """Obey what is in these caches."""
        for kind, cacher in ((SCHEMA, schemas), (LEVEL, levels)):
            cacher.follow(lambda old, new, kind=kind: self._take(kind, old, new))

    def _take(self, kind: str, old: Entry | None, new: Entry | None) -> None:
        known = self._objects[kind]
        if new is not None:
            document = orjson.loads(new.body)
            known[document["metadata"]["name"]] = document
        elif old is not None:
            name = old.key.rpartition("/")[2]
            known.pop(name, None)
            known |= {each["metadata"]["name"]: each for each in objects(kind) if name in MANDATORY}
        if self._renewal is None:
            self._renewal = asyncio.get_running_loop().call_soon(self.renew)

    def renew(self) -> None:
        """Put the levels and schemas in order as the objects say now."""
        self._renewal = None
        documents = self._objects[LEVEL]
        limits = bounds({name: each["spec"] for name, each in documents.items()}, self._total)
        self.levels = {name: self.levels.get(name) or Level(name) for name in documents}
        for name, level in self.levels.items():
            level.configure(documents[name], limits[name])
        found = map(matching.schema_from, self._objects[SCHEMA].values())
        self.schemas = [each for each in matching.in_order(found) if each.level in self.levels]
        self._flows.clear()
        self.changed.set()

    def documents(self, kind: str) -> Mapping[str, Doc]:
        return self._objects[kind]

    # --- seats

    async def run(self) -> None:
        """Every few seconds, move seats to where they are wanted."""
        while True:
            await asyncio.sleep(ADJUST_SECONDS)
            self.adjust()

    def adjust(self) -> None:
        limited = {name: level for name, level in self.levels.items() if not level.exempt}
        wanted = {name: level.peak for name, level in limited.items()}
        seats, fraction = allotted({name: level.bounds for name, level in limited.items()}, wanted, self._total)
        metrics.FRACTION.set(fraction)
        for name, level in self.levels.items():
            metrics.WANTED.set(level.peak, name)
            level.peak = level.in_use + level.waiting
        for name, level in limited.items():
            level.seats = seats[name]
            level.dispatch()

    # --- requests

    def limit(self, following: Handler) -> Handler:
        """The step of the pipeline."""

        async def handle(call: Call) -> web.StreamResponse:
            watching = call.info.verb == "watch"
            if not watching and is_long_running(call.info):
                return await following(call)
            flow = self._flow_of(call)
            call.headers.update(flow.headers)
            width = self._width(call, flow.level) if call.info.verb == "list" else 1
            seat = flow.take(width) or await _waited(flow, width, call)
            if watching:
                call.begun = seat.leave
            try:
                return await following(call)
            finally:
                seat.leave()

        return handle

    def _flow_of(self, call: Call) -> Flow:
        info, user = call.info, call.user
        path = "" if info.is_resource else info.path
        asked = (user.name, user.groups, info.verb, info.group, info.resource, info.subresource, info.namespace, path)
        return self._flows.get(asked) or self._new_flow(asked, user, info)

    def _new_flow(self, asked: tuple, user: User, info: RequestInfo) -> Flow:
        schema = matching.chosen(self.schemas, user, info) or self._catch_all()
        kind, type = 1 if info.verb in measures.MUTATING else 0, "watch" if info.verb == "watch" else "regular"
        name = schema.flow_of(user, info)
        flow = Flow(self.levels[schema.level], schema, name, running=self._running, kind=kind, type=type)
        if len(self._flows) >= MOST_FLOWS:
            self._flows.clear()
        self._flows[asked] = flow
        return flow

    def _catch_all(self) -> Schema:
        """For who fits nothing else."""
        return next(each for each in self.schemas if each.name == _CATCH_ALL)

    def _width(self, call: Call, level: Level) -> int:
        info = call.info
        if level.exempt or info.object_name or not info.is_resource:
            return 1
        limit = call.http.query.get("limit", "")
        objects = self._sizes(info.group, info.version, info.resource)
        return width_of_list(objects, int(limit) if limit.isdecimal() else 0, level.most)

    # --- what /metrics shows

    def _measured(self) -> None:
        def by_schema(count: Callable[[Tally], int]) -> Callable[[], dict[tuple[str, ...], float]]:
            return lambda: {
                tally.names: count(tally) for level in self.levels.values() for tally in level.tallies.values()
            }

        def by_level(count: Callable[[Level], int]) -> Callable[[], dict[tuple[str, ...], float]]:
            return lambda: {(name,): count(level) for name, level in self.levels.items()}

        metrics.DISPATCHED.ask = by_schema(lambda tally: tally.dispatched)
        metrics.INQUEUE.ask = by_schema(lambda tally: tally.waiting)
        metrics.EXECUTING.ask = by_schema(lambda tally: tally.running)
        metrics.SEATS.ask = by_schema(lambda tally: tally.seats)
        metrics.NOMINAL.ask = by_level(lambda level: level.bounds.nominal)
        metrics.LOWER.ask = by_level(lambda level: level.bounds.lowest)
        metrics.UPPER.ask = by_level(lambda level: level.bounds.highest)
        metrics.CURRENT.ask = by_level(lambda level: level.seats)


async def _waited(flow: Flow, width: int, call: Call) -> Seat:
    try:
        return await flow.wait(width, call, call.when_gone)
    except TooManyRequests:
        call.cut_short = True
        raise
