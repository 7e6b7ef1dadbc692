"""What a pod asks of a node in all: the sum over its containers, or the largest step of its start.

Pure. In real Kubernetes: k8s.io/component-helpers/resource. Left out: resizes in place.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from machinery.api import quantity
from minictl.describe.facts import Document

Amounts = Mapping[str, str]


def pod_amounts(pod: Document, what: str) -> Amounts:
    """what: requests or limits. Side-cars (init containers that restart) count from their start on."""
    spec = pod["spec"]
    side_cars: Amounts = {}
    steps: Amounts = {}
    for one in spec.get("initContainers") or ():
        mine = _of(one, what)
        if one.get("restartPolicy") == "Always":
            side_cars = total((side_cars, mine))
            mine = {}
        steps = _largest(steps, total((side_cars, mine)))
    running = total((*(_of(one, what) for one in spec.get("containers") or ()), side_cars))
    whole = dict(_largest(running, steps))
    whole.update((spec.get("resources") or {}).get(what) or {})
    overhead = spec.get("overhead") or {}
    return total((whole, {name: one for name, one in overhead.items() if what == "requests" or name in whole}))


def total(parts: Iterable[Amounts]) -> Amounts:
    """The sum."""
    whole: dict[str, str] = {}
    for part in parts:
        for name, amount in part.items():
            whole[name] = quantity.add(whole[name], amount) if name in whole else amount
    return whole


def _largest(first: Amounts, second: Amounts) -> Amounts:
    larger = {name: amount for name, amount in second.items()
              if name not in first or quantity.parse(amount) > quantity.parse(first[name])}  # fmt: skip
    return {**first, **larger}


def _of(container: Document, what: str) -> Amounts:
    return (container.get("resources") or {}).get(what) or {}
