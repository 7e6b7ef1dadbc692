"""What the server needs of priority and fairness, or of the plain limits where that is switched off.

Real Kubernetes: BuildPriorityAndFairness in pkg/controlplane/apiserver/config.go.
"""

from __future__ import annotations

from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any

from apiserver.call import Filter
from apiserver.config import Config
from apiserver.ensure import Stores
from apiserver.flowcontrol import dump, upkeep
from apiserver.flowcontrol.bootstrap import LEVEL, SCHEMA
from apiserver.flowcontrol.fairness import Fairness
from apiserver.limits import InFlight
from apiserver.paths import Page


@dataclass(frozen=True)
class Fair:
    """The step of the pipeline, the pages that show what waits, and what runs beside."""

    limit: Filter
    pages: Mapping[str, Page] = field(default_factory=dict)
    fairness: Fairness | None = None
    stores: Stores = field(default_factory=dict)

    def background(self) -> list[tuple[str, Coroutine[Any, Any, None]]]:
        """By name, to be run until the server goes."""
        if self.fairness is None:
            return []
        return [
            ("upkeep of flow schemas", upkeep.follow(self.fairness, self.stores)),
            ("seats of priority levels", self.fairness.run()),
        ]


def fair(config: Config, stores: Stores) -> Fair:
    """As the flags say: fairness needs limits that it can share out."""
    reading, writing = config.max_requests_inflight, config.max_mutating_requests_inflight
    if not (config.enable_priority_and_fairness and reading + writing):
        return Fair(InFlight(reading, writing).limit)

    def size(group: str, version: str, resource: str) -> int:
        cacher = getattr(stores.get((group, version, resource)), "cacher", None)
        return getattr(cacher, "size", 0)

    fairness = Fairness(reading + writing, size)
    schemas, levels = (stores[upkeep.GROUP, "v1", upkeep.PLURALS[kind]].cacher for kind in (SCHEMA, LEVEL))
    fairness.follow(schemas, levels)
    return Fair(fairness.limit, dump.pages(fairness), fairness, stores)
