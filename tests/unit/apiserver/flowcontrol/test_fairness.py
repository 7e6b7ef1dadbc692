"""The step of the pipeline, with handlers that wait to be told."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
from aiohttp import web

from apiserver.call import Call
from apiserver.flowcontrol import dump, upkeep
from apiserver.flowcontrol.bootstrap import AUTOUPDATE, LEVEL, SCHEMA, objects
from apiserver.flowcontrol.fairness import Fairness
from apiserver.request_info import parse
from apiserver.storage.entry import entry_from
from apiserver.user import User
from machinery.api.errors import TooManyRequests

PODS = "/api/v1/namespaces/a/pods"
MASTER = User("admin", ("system:masters", "system:authenticated"))
RULE = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"], "namespaces": ["*"]}
EVERYBODY = {"subjects": [{"kind": "Group", "group": {"name": "*"}}], "resourceRules": [RULE]}


class Objects:
    """A cache of one kind that can be changed."""

    def __init__(self) -> None:
        self.tell: Any = None
        self.stored: dict[str, Any] = {}

    def follow(self, follower: Any) -> None:
        self.tell = follower

    def put(self, document: dict[str, Any]) -> None:
        name = document["metadata"]["name"]
        document["metadata"].setdefault("uid", f"uid-{name}")
        entry = entry_from(f"/registry/x/{name}", 5, orjson.dumps(document), lambda _: {})
        self.tell(self.stored.get(name), entry)
        self.stored[name] = entry

    def remove(self, name: str) -> None:
        self.tell(self.stored.pop(name), None)


class Desk:
    """Fairness with objects of its own, and the requests that it has let in."""

    def __init__(self, total: int = 600, size: int = 0) -> None:
        self.fairness = Fairness(total, lambda *_: size)
        self.schemas, self.levels = Objects(), Objects()
        self.fairness.follow(self.schemas, self.levels)  # type: ignore[arg-type]
        self.inside: list[Call] = []
        self.go = asyncio.Event()
        self.step = self.fairness.limit(self._handle)

    async def _handle(self, call: Call) -> web.StreamResponse:
        self.inside.append(call)
        if call.info.verb == "watch" and call.begun is not None:
            call.begun()
        await self.go.wait()
        return web.Response()

    def ask(self, method: str = "GET", path: str = f"{PODS}/x", *, user: str = "jane", watch: bool = False,
            **query: str) -> asyncio.Task:
        asked = User(user, ("system:authenticated",)) if user != "admin" else MASTER
        http: Any = SimpleNamespace(query=query)
        return asyncio.create_task(self.step(Call(http, parse(method, path, watch=watch), asked)))  # type: ignore[arg-type]

    def used(self, level: str) -> int:
        return self.fairness.levels[level].in_use


def level(name: str, shares: int, **limited: Any) -> dict[str, Any]:
    response = {"type": "Queue", "queuing": {"queues": 4, "handSize": 2, "queueLengthLimit": 2}}
    spec = {"nominalConcurrencyShares": shares, "limitResponse": response, **limited}
    return {"metadata": {"name": name}, "spec": {"type": "Limited", "limited": spec}}


def schema(name: str, to: str, precedence: int = 500) -> dict[str, Any]:
    return {"metadata": {"name": name}, "spec": {
        "priorityLevelConfiguration": {"name": to}, "matchingPrecedence": precedence, "rules": [EVERYBODY],
        "distinguisherMethod": {"type": "ByUser"}}}  # fmt: skip


async def settle() -> None:
    for _ in range(8):
        await asyncio.sleep(0)


async def test_without_any_object_the_mandatory_ones_hold() -> None:
    desk = Desk(20)
    tasks = [desk.ask() for _ in range(25)] + [desk.ask(user="admin") for _ in range(30)]
    await settle()
    assert desk.used("catch-all") == 20 and desk.used("exempt") == 30
    refused = [task for task in tasks if task.done()]
    assert len(refused) == 5 and all(isinstance(task.exception(), TooManyRequests) for task in refused)
    desk.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert desk.used("catch-all") == desk.used("exempt") == 0


async def test_a_change_holds_from_the_next_request_on() -> None:
    desk = Desk(100)
    desk.levels.put(level("low", 5))
    desk.schemas.put(schema("mine", "low"))
    await settle()
    seats = desk.fairness.levels["low"].seats
    tasks = [desk.ask() for _ in range(seats + 3)]
    await settle()
    assert desk.used("low") == seats and desk.fairness.levels["low"].waiting == 3
    assert desk.inside[0].headers["X-Kubernetes-PF-FlowSchema-UID"] == "uid-mine"
    assert desk.inside[0].headers["X-Kubernetes-PF-PriorityLevel-UID"] == "uid-low"
    desk.schemas.remove("mine")
    await settle()
    tasks.append(desk.ask())
    await settle()
    assert desk.used("catch-all") == 1, "and who waits, waits on"
    desk.levels.remove("low")
    await settle()
    desk.go.set()
    assert {answer.status for answer in await asyncio.gather(*tasks)} == {200}


async def test_a_schema_without_its_level_is_passed_over() -> None:
    desk = Desk()
    desk.schemas.put(schema("mine", "nowhere"))
    await settle()
    desk.ask()
    await settle()
    assert desk.used("catch-all") == 1
    desk.levels.put(level("nowhere", 5))
    await settle()
    desk.ask()
    await settle()
    assert desk.used("nowhere") == 1
    desk.go.set()


async def test_what_nobody_may_take_away_stays() -> None:
    desk = Desk()
    for kind, where in ((LEVEL, desk.levels), (SCHEMA, desk.schemas)):
        for document in objects(kind):
            where.put(document)
        where.remove("catch-all")
    await settle()
    assert "catch-all" in desk.fairness.levels and "catch-all" in [each.name for each in desk.fairness.schemas]


async def test_a_watch_takes_a_seat_only_until_it_has_begun_and_streams_take_none() -> None:
    desk = Desk()
    tasks = [desk.ask(path=PODS, watch=True) for _ in range(30)] + [desk.ask(path=f"{PODS}/x/log")]
    await settle()
    assert len(desk.inside) == 31 and desk.used("catch-all") == 0
    desk.go.set()
    await asyncio.gather(*tasks)
    assert desk.used("catch-all") == 0


@pytest.mark.parametrize(
    ("path", "query", "width"), [(PODS, {}, 10), (PODS, {"limit": "250"}, 3), (f"{PODS}/x", {}, 1)]
)
async def test_a_list_takes_as_many_seats_as_it_is_long(path: str, query: dict[str, str], width: int) -> None:
    desk = Desk(size=5000)
    desk.ask(path=path, **query)
    await settle()
    assert desk.used("catch-all") == width
    desk.go.set()
    await settle()


async def test_seats_move_to_where_they_are_wanted_and_back() -> None:
    desk = Desk(100)
    desk.levels.put(level("low", 20, borrowingLimitPercent=50))
    desk.levels.put(level("idle", 75, lendablePercent=80))
    desk.schemas.put(schema("mine", "low"))
    await settle()
    tasks = [desk.ask(user=f"user-{number}") for number in range(28)]
    await settle()
    assert desk.used("low") == 20
    desk.fairness.adjust()
    await settle()
    assert 28 >= desk.used("low") >= 24 and desk.fairness.levels["idle"].seats < 75
    desk.go.set()
    await asyncio.gather(*tasks, return_exceptions=True)
    desk.fairness.adjust()
    desk.fairness.adjust()
    assert (desk.fairness.levels["low"].seats, desk.fairness.levels["idle"].seats) == (20, 75)


async def test_the_pages_show_what_waits() -> None:
    desk = Desk(100)
    desk.levels.put(level("low", 1))
    desk.schemas.put(schema("mine", "low"))
    await settle()
    seats = desk.fairness.levels["low"].seats
    tasks = [desk.ask() for _ in range(seats + 1)]
    await settle()
    http: Any = SimpleNamespace(query={"includeRequestDetails": "1"})
    shown = {path.rpartition("_")[2]: page(Call(http, parse("GET", path))).text for path, page in
             dump.pages(desk.fairness).items()}  # fmt: skip
    assert f"low,               1,            false,  false,       1,               {seats}\n" in shown["levels"]
    assert any(line.startswith("low,") and ", 1, " in " ".join(line.split()) for line in shown["queues"].splitlines())
    row = [cell.strip() for cell in shown["requests"].splitlines()[1].split(",")]
    assert row[:2] == ["low", "mine"] and row[3:5] == ["0", "jane"] and row[9:12] == ["jane", "get", f"{PODS}/x"]
    desk.go.set()
    await asyncio.gather(*tasks)


# --- upkeep


def test_objects_follow_the_bootstrap_ones_only_as_long_as_they_may() -> None:
    wanted = next(each for each in objects(LEVEL) if each["metadata"]["name"] == "system")
    changed = {**wanted, "spec": {**wanted["spec"], "limited": {"nominalConcurrencyShares": 7}}}
    assert upkeep.kept(wanted, wanted) is None
    assert upkeep.kept(changed, wanted)["spec"] == wanted["spec"]  # type: ignore[index]
    own = {**changed, "metadata": {"name": "system", "annotations": {AUTOUPDATE: "false"}}}
    assert upkeep.kept(own, wanted) is None
    for generation, follows in ((1, "true"), (2, "false")):
        bare = {**changed, "metadata": {"name": "system", "generation": generation}}
        found = upkeep.kept(bare, wanted)
        assert found is not None and found["metadata"]["annotations"][AUTOUPDATE] == follows
        assert (found["spec"] == wanted["spec"]) is (follows == "true")


def test_a_mandatory_object_is_always_set_right() -> None:
    wanted = next(each for each in objects(SCHEMA) if each["metadata"]["name"] == "catch-all")
    own = {**wanted, "metadata": {"name": "catch-all", "annotations": {AUTOUPDATE: "false"}}}
    found = upkeep.kept(own, wanted)
    assert found is not None and found["metadata"]["annotations"][AUTOUPDATE] == "true"
    stored = {**wanted, "spec": {**wanted["spec"], "more": "defaults"}}
    assert upkeep.kept(stored, wanted) is None, "what is stored may say more"
