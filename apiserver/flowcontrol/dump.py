"""What waits for whom, as text: /debug/api_priority_and_fairness/dump_priority_levels, dump_queues, dump_requests.

Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol/apf_controller_debug.go, whose columns these are.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta

from aiohttp import web

from apiserver import replies
from apiserver.call import Call
from apiserver.flowcontrol.fairness import Fairness
from apiserver.flowcontrol.queues import Level, Queue, Waiting

PREFIX = "/debug/api_priority_and_fairness"
LEVELS = ("PriorityLevelName", "ActiveQueues", "IsIdle", "IsQuiescing", "WaitingRequests", "ExecutingRequests")
QUEUES = ("PriorityLevelName", "Index", "PendingRequests", "ExecutingRequests", "SeatsInUse", "NextDispatchR",
          "InitialSeatsSum", "MaxSeatsSum", "TotalWorkSum")  # fmt: skip
REQUESTS = ("PriorityLevelName", "FlowSchemaName", "QueueIndex", "RequestIndexInQueue", "FlowDistingsher",
            "ArriveTime", "InitialSeats", "FinalSeats", "AdditionalLatency")  # fmt: skip
DETAILS = ("UserName", "Verb", "APIPath", "Namespace", "Name", "APIVersion", "Resource", "SubResource")
_LEAST = 8


def pages(fairness: Fairness) -> dict:
    """By path."""
    return {
        f"{PREFIX}/dump_priority_levels": lambda _: _answer([LEVELS, *_levels(fairness)]),
        f"{PREFIX}/dump_queues": lambda _: _answer([QUEUES, *_queues(fairness)]),
        f"{PREFIX}/dump_requests": lambda call: _answer(_requests(fairness, call)),
    }


def _answer(rows: Sequence[Sequence[object]]) -> web.Response:
    return replies.text(table(rows))


def table(rows: Iterable[Sequence[object]]) -> str:
    """Columns under each other, each but the last with a comma behind it."""
    cells = [[f"{value}," for value in row[:-1]] + [str(row[-1])] for row in rows]
    columns = range(len(cells[0]) - 1)
    widths = [max(_LEAST, *(len(row[column]) + 1 for row in cells if len(row) > column + 1)) for column in columns]
    lines = ("".join([*map(str.ljust, row[:-1], widths), row[-1]]) for row in cells)
    return "".join(f"{line}\n" for line in lines)


def _sorted(fairness: Fairness) -> list[Level]:
    return [level for _, level in sorted(fairness.levels.items())]


def _levels(fairness: Fairness) -> Iterator[Sequence[object]]:
    for level in _sorted(fairness):
        waiting = sum(tally.waiting for tally in level.tallies.values())
        running = sum(tally.running for tally in level.tallies.values())
        active = sum(bool(queue.waiting) for queue in level.queues.values())
        yield level.name, active, _word(not (waiting or running)), "false", waiting, running


def _queues(fairness: Fairness) -> Iterator[Sequence[object]]:
    for level in _sorted(fairness):
        if level.exempt:
            yield level.name, *["<none>"] * (len(QUEUES) - 1)
        for index in sorted(level.queues):
            yield _queue(level, level.queues[index])


def _queue(level: Level, queue: Queue) -> Sequence[object]:
    width = queue.wide()
    work = f"{width * 0.003:.8f}ss"
    return (level.name, queue.index, len(queue.waiting), queue.running, queue.seats, f"{queue.clock:.8f}ss",
            width, width, work)  # fmt: skip


def _requests(fairness: Fairness, call: Call) -> list[Sequence[object]]:
    detailed = bool(call.http.query.get("includeRequestDetails"))
    now = asyncio.get_running_loop().time()
    rows: list[Sequence[object]] = [(*REQUESTS, *DETAILS) if detailed else REQUESTS]
    for level in _sorted(fairness):
        for queue, place, waiting in level.in_queues():
            row = _request(level, queue, place, waiting, ago=now - waiting.arrived)
            rows.append((*row, *_details(waiting.asked)) if detailed else row)
    return rows


def _request(level: Level, queue: Queue, place: int, waiting: Waiting, *, ago: float) -> Sequence[object]:
    arrived = (datetime.now(UTC) - timedelta(seconds=ago)).isoformat().replace("+00:00", "Z")
    return (level.name, waiting.tally.names[1], queue.index, place, waiting.flow, arrived, waiting.width, 0, "0s")


def _details(call: Call) -> Sequence[object]:
    info = call.info
    return (call.user.name, info.verb, info.path, info.namespace, info.name, info.api_version, info.resource,
            info.subresource)  # fmt: skip


def _word(value: bool) -> str:
    return "true" if value else "false"
