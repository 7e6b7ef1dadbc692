"""How many requests of each priority level may run at once. Pure.

A level's nominal seats are its shares' part of all seats. What it lends (lendablePercent) others may use while it does
not need it; how much a level has just now follows, every few seconds, from the most that each wanted lately.
Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol/{apf_controller,conc_alloc}.go. Simpler here: demand is the
highest of one period, not smoothed over several, and exempt requests take no seats from others.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

Doc = Mapping[str, Any]
_HALVINGS = 40


@dataclass(frozen=True, slots=True)
class Bounds:
    """Between what a level's seats may move; `nominal` is where they begin."""

    nominal: int
    lowest: int
    highest: int


def bounds(specs: Mapping[str, Doc], total: int) -> dict[str, Bounds]:
    """By the specs of all levels and the seats of the whole server."""
    parts = {name: spec.get("limited") or spec.get("exempt") or {} for name, spec in specs.items()}
    shares = {name: part.get("nominalConcurrencyShares") or 0 for name, part in parts.items()}
    whole = sum(shares.values()) or 1
    nominal = {name: math.ceil(total * share / whole) for name, share in shares.items()}
    lent = {name: _percent(nominal[name], part.get("lendablePercent") or 0) for name, part in parts.items()}
    return {
        name: Bounds(seats, seats - lent[name], _highest(seats, parts[name], sum(lent.values()) - lent[name]))
        for name, seats in nominal.items()
    }


def _highest(nominal: int, part: Doc, lent_by_others: int) -> int:
    most = part.get("borrowingLimitPercent")
    return nominal + (lent_by_others if most is None else min(lent_by_others, _percent(nominal, most)))


def _percent(seats: int, percent: int) -> int:
    return math.floor(seats * percent / 100 + 0.5)


def allotted(limits: Mapping[str, Bounds], wanted: Mapping[str, int], total: int) -> tuple[dict[str, int], float]:
    """Each level's seats now, and the one fraction of what each wanted that makes them add up.

    Nobody falls below what it needs of its own nominal seats, and nobody rises above its highest. While no level wants
    more than its nominal seats, all have just those.
    """
    if all(wanted[name] <= each.nominal for name, each in limits.items()):
        return {name: each.nominal for name, each in limits.items()}, 1.0
    floors = {name: max(each.lowest, min(each.nominal, wanted[name])) for name, each in limits.items()}

    def at(fraction: float) -> dict[str, int]:
        return {
            name: min(each.highest, max(floors[name], math.floor(fraction * max(wanted[name], each.lowest, 1))))
            for name, each in limits.items()
        }

    low, high = 0.0, float(max(total, 1))
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if sum(at(middle).values()) <= total else (low, middle)
    return at(low), low
