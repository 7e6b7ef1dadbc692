"""`python -m apiserver --etcd-servers …`: see config.Config for the flags."""

from __future__ import annotations

from apiserver.config import Config
from apiserver.server import run
from machinery.component.run import run_component

if __name__ == "__main__":
    run_component(run, Config.from_args(), name="apiserver")
