"""How many seats a request takes: one, or more for a list of many objects. Pure.

Real Kubernetes: k8s.io/apiserver/pkg/util/flowcontrol/request/list_work_estimator.go. Left out: seats for the events
that a write causes, since here a change is encoded once, however many watch.
"""

from __future__ import annotations

import math

OBJECTS_PER_SEAT = 100
MOST_SEATS = 10
PART_OF_LEVEL = 0.15
"""No request takes more of its level's nominal seats than this."""


def most_seats(nominal: int) -> int:
    """How wide a request of a level can be."""
    return min(MOST_SEATS, max(1, math.ceil(nominal * PART_OF_LEVEL)))


def width_of_list(objects: int, limit: int, most: int) -> int:
    """The seats of a list that goes through so many objects, or stops at a limit."""
    read = min(objects, limit) if limit > 0 else objects
    return min(most, max(1, math.ceil(read / OBJECTS_PER_SEAT)))
