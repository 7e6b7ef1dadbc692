"""`python -m controllers --kubeconfig FILE`."""

from __future__ import annotations

from controllers.config import Config
from controllers.run import run
from machinery.component.run import run_component

if __name__ == "__main__":
    run_component(run, Config.from_args(), name="controllers")
