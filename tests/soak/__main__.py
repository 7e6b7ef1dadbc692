"""`python -m tests.soak --minutes 30 --seed 1`, as root: a node of its own, and as hard a life for it as one likes.

Tells every deed; ends with what was left over or untrue, and then keeps the logs where it says.
"""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
import tempfile
import time
from pathlib import Path

from tests.soak.ground import ground
from tests.soak.run import run


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--seed", type=int, default=1)
    return asyncio.run(_main(parser.parse_args()))


async def _main(args: argparse.Namespace) -> int:
    began = time.monotonic()

    def say(deed: str) -> None:
        sys.stdout.write(f"{time.strftime('%H:%M:%S')} {time.monotonic() - began:7.1f} {deed}\n")
        sys.stdout.flush()

    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    async with ground(folder) as node:
        report = await run(node, seed=args.seed, seconds=60 * args.minutes, say=say)
    for line in (str(report), *(f"FAULT {fault}" for fault in report.faults), f"{len(report.faults)} faults"):
        say(line)
    if report.faults:
        say(f"the logs are in {folder}")
    else:
        shutil.rmtree(folder)
    return bool(report.faults)


if __name__ == "__main__":
    sys.exit(main())
