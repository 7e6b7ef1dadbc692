"""`python -m apiserver --etcd-servers …`: see config.Config for the flags."""

from __future__ import annotations

import gc


def main() -> None:
    """Load everything without garbage collection: nothing that is made by importing ever dies."""
    gc.disable()
    from apiserver.config import Config
    from apiserver.server import run
    from machinery.component.run import run_component

    gc.freeze()
    gc.enable()
    run_component(run, Config.from_args(), name="apiserver")


if __name__ == "__main__":
    main()
