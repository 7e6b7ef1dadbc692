"""What the API server does per second and what it takes, each figure beside its own ceiling and its bound.

TLS with client certificates and the audit log are on; one process on one core, the load and etcd on the other.
Command: `.venv/bin/python -m bench.apiserver [throughput] [fanout] [size] [curve]`, nothing given meaning all.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

import uvloop

from bench.apiserver import curve, fanout, load, size, throughput
from bench.apiserver.site import Site, site

FIGURES: dict[str, Callable[[Site], Awaitable[None]]] = {
    "throughput": throughput.measure,
    "fanout": fanout.measure,
    "size": size.measure,
    "curve": curve.measure,
}


async def main(names: list[str]) -> None:
    """Each group of figures on an etcd of its own."""
    load.insist()
    for name in names or FIGURES:
        with tempfile.TemporaryDirectory(prefix="mini-bench-") as folder:
            async with site(Path(folder)) as here:
                await FIGURES[name](here)


if __name__ == "__main__":
    if unknown := set(sys.argv[1:]) - FIGURES.keys():
        sys.exit(f"no such figures: {', '.join(sorted(unknown))}; there are {', '.join(FIGURES)}")
    uvloop.run(main(sys.argv[1:]))
