"""What the API server does per second and what it takes, each figure beside its own ceiling and its bound.

TLS with client certificates and the audit log are on; one process on one core, the load and etcd on the other.
Command: `.venv/bin/python -m bench.apiserver [throughput] [fanout] [size] [curve]`, nothing given meaning all.
"""

from __future__ import annotations

from bench.apiserver import curve, fanout, size, throughput
from bench.apiserver.figures import run

if __name__ == "__main__":
    run({
        "throughput": throughput.measure, "fanout": fanout.measure, "size": size.measure, "curve": curve.measure,
    })  # fmt: skip
