"""Nominal seats, what is lent and borrowed, and what a request takes of them."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.flowcontrol.bootstrap import LEVELS
from apiserver.flowcontrol.seats import Bounds, allotted, bounds
from apiserver.flowcontrol.work import most_seats, width_of_list

NOBODY = dict.fromkeys(LEVELS, 0)


def limited(shares: int, **more: Any) -> dict[str, Any]:
    return {"type": "Limited", "limited": {"nominalConcurrencyShares": shares, **more}}


def test_the_bootstrap_levels_share_the_seats_of_the_flags() -> None:
    found = bounds(LEVELS, 600)
    assert {name: each.nominal for name, each in found.items()} == {
        "exempt": 0, "catch-all": 13, "system": 74, "node-high": 98, "leader-election": 25, "workload-high": 98,
        "workload-low": 245, "global-default": 49,
    }  # fmt: skip
    assert found["leader-election"].lowest == 25 and found["workload-low"].lowest == 245 - 221
    assert found["global-default"].highest == 49 + 24 + 25 + 49 + 221, "what the others lend"


def test_borrowing_can_be_limited() -> None:
    specs = {"a": limited(50, borrowingLimitPercent=10), "b": limited(50, lendablePercent=40), "c": limited(0)}
    assert bounds(specs, 100) == {"a": Bounds(50, 50, 55), "b": Bounds(50, 30, 50), "c": Bounds(0, 0, 20)}


def test_while_nobody_wants_more_than_its_own_all_have_just_that() -> None:
    limits = bounds(LEVELS, 600)
    seats, fraction = allotted(limits, NOBODY | {"system": 74}, 600)
    assert seats == {name: each.nominal for name, each in limits.items()} and fraction == 1


@pytest.mark.parametrize("wanted", [50, 200, 5000])
def test_who_wants_more_gets_what_others_can_spare(wanted: int) -> None:
    limits = bounds({name: spec for name, spec in LEVELS.items() if name != "exempt"}, 600)
    seats, _ = allotted(limits, NOBODY | {"global-default": wanted, "system": 60}, 600)
    assert sum(seats.values()) <= 600 + len(seats)
    assert seats["global-default"] >= min(wanted, 300) and seats["system"] >= 60
    assert all(limits[name].lowest <= have <= limits[name].highest for name, have in seats.items())


def test_two_who_want_the_same_get_the_same() -> None:
    limits = {name: Bounds(10, 10, 100) for name in ("a", "b")} | {"c": Bounds(80, 0, 80)}
    seats, _ = allotted(limits, {"a": 90, "b": 90, "c": 0}, 100)
    assert abs(seats["a"] - seats["b"]) <= 1 and 45 <= seats["a"] <= 50


@pytest.mark.parametrize(
    ("objects", "limit", "most", "width"),
    [(0, 0, 10, 1), (100, 0, 10, 1), (101, 0, 10, 2), (5000, 0, 10, 10), (5000, 0, 3, 3), (5000, 500, 10, 5)],
)
def test_a_list_takes_a_seat_for_each_hundred_objects(objects: int, limit: int, most: int, width: int) -> None:
    assert width_of_list(objects, limit, most) == width


def test_no_request_takes_more_than_a_part_of_its_level() -> None:
    assert [most_seats(nominal) for nominal in (0, 1, 13, 49, 245)] == [1, 1, 2, 8, 10]
