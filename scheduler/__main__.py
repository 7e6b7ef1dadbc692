"""`python -m scheduler --kubeconfig FILE`."""

from __future__ import annotations

from machinery.component.run import run_component
from scheduler.config import Config
from scheduler.run import run

if __name__ == "__main__":
    run_component(run, Config.from_args(), name="scheduler")
