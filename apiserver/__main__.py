"""`python -m apiserver --etcd-servers …`: see config.Config for the flags."""

from __future__ import annotations

import gc
import sys

GARBAGE = (10_000, 20, 20)
"""A request makes hundreds of objects, nearly none of them in a cycle: Python's own (700, 10, 10) looks too often."""


def main() -> None:
    """Load everything without garbage collection: nothing that is made by importing ever dies."""
    gc.disable()
    from machinery.component import quick_aiohttp  # noqa: F401, I001 - before anybody else loads aiohttp
    from apiserver.config import Config
    from apiserver.server import StartupError, run
    from machinery.component.run import run_component

    gc.freeze()
    gc.set_threshold(*GARBAGE)
    gc.enable()
    try:
        run_component(run, Config.from_args(), name="apiserver")
    except StartupError as error:
        sys.exit(f"apiserver: {error}")


if __name__ == "__main__":
    main()
