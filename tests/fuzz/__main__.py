"""`python -m tests.fuzz --requests 20000 --seed 1`: a server and an etcd of its own, and as much nonsense as one likes.

`--only 1234` sends one request of that run again.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from pathlib import Path

from tests.fuzz.run import run
from tests.support.apiserver import ApiServer


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int)
    return asyncio.run(_main(parser.parse_args()))


async def _main(args: argparse.Namespace) -> int:
    with tempfile.TemporaryDirectory() as folder:
        async with ApiServer(Path(folder)) as server:
            began = time.monotonic()
            report = await run(server, seed=args.seed, requests=args.requests, only=args.only)
            sys.stdout.write(f"{report}\n{time.monotonic() - began:.0f} s\n")
    for fault in report.faults[:50]:
        sys.stdout.write(f"FAULT {fault}\n")
    sys.stdout.write(f"{len(report.faults)} faults\n")
    return bool(report.faults)


if __name__ == "__main__":
    sys.exit(main())
