"""What the node agent takes and how fast it is, each figure beside its own ceiling and its bound.

All but `hollow` use one worker of a lab with containerd; `hollow` needs no container runtime.
Command: `.venv/bin/python -m bench.kubelet [start] [burst] [end] [change] [idle] [hollow]`, nothing given meaning all.
"""

from __future__ import annotations

import sys
from collections.abc import Awaitable, Callable

import uvloop

from bench.kubelet import ends, hollow, idle, starts
from bench.kubelet.node import Here, node_of
from bench.lab import running
from miniadm.cluster import Cluster

FIGURES: dict[str, Callable[[Here], Awaitable[None]]] = {
    "start": starts.one,
    "burst": starts.many,
    "end": ends.gone,
    "change": ends.change,
    "idle": idle.measure,
}


async def on_a_node(cluster: Cluster, names: list[str]) -> None:
    async with node_of(cluster) as here:
        for name in names:
            await FIGURES[name](here)
            await here.clean()


def main(names: list[str]) -> None:
    """Print the figures."""
    real = [name for name in FIGURES if name in names or not names]
    if real:
        with running("--workers", "1") as cluster:
            uvloop.run(on_a_node(cluster, real))
    if not names or "hollow" in names:
        uvloop.run(hollow.measure())


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - {*FIGURES, "hollow"}:
        sys.exit(f"no such figures: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}, hollow")
    main(sys.argv[1:])
