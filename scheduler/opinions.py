"""What nodes said of pods like this one before: the thousandth replica is not asked about as if it were the first.

A NodeInfo is a value, made anew by whatever happens on the node: as long as it is the same one, so is its answer.
In Kubernetes: KEP 5598 (opportunistic batching), for the same reason.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any

from scheduler.snapshot import NodeInfo, PodInfo

REMEMBERED = 16
"""How many kinds of pods are kept in mind: those of the sets that grow at the moment."""

Said = dict[str, tuple[NodeInfo, Any]]
"""By the node's name: the node, and what it said as long as it is this one."""


def asks(pod: PodInfo) -> tuple[Any, ...]:
    """Everything of a pod that filters and scores look at. Pure."""
    spec = pod.pod.spec
    choice = (spec.node_name, spec.node_selector, spec.affinity, spec.tolerations)
    return (pod.requests, pod.usual, pod.ports, pod.siblings, *choice)


class Opinions:
    """By kind of pod. Of pods to which others matter nothing is kept: that is more than one node can say."""

    def __init__(self) -> None:
        self._known: OrderedDict[Hashable, tuple[tuple[Any, ...], Said]] = OrderedDict()

    def about(self, pod: PodInfo) -> Said:
        """What is known; the caller adds what it learns."""
        if pod.around is not None:
            return {}
        wanted = asks(pod)
        known = self._known.pop(pod.siblings, None)
        if known is None or known[0] != wanted:
            known = (wanted, {})
        self._known[pod.siblings] = known
        if len(self._known) > REMEMBERED:
            self._known.popitem(last=False)
        return known[1]
