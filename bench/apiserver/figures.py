"""The command line of benchmarks whose figures are asked for by name, each on an etcd of its own."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path

import uvloop

from bench.apiserver import load
from bench.apiserver.site import Site, site

Figures = Mapping[str, Callable[[Site], Awaitable[None]]]


def run(figures: Figures) -> None:
    """Those that the command line names; nothing given means all."""
    names = sys.argv[1:] or list(figures)
    if unknown := set(names) - figures.keys():
        sys.exit(f"no such figures: {', '.join(sorted(unknown))}; there are {', '.join(figures)}")
    load.insist()
    uvloop.run(_measured(figures, names))


async def _measured(figures: Figures, names: list[str]) -> None:
    for name in names:
        with tempfile.TemporaryDirectory(prefix="mini-bench-") as folder:
            async with site(Path(folder)) as here:
                await figures[name](here)
