"""python -m kubeproxy"""

from __future__ import annotations

from kubeproxy.app import run
from kubeproxy.config import Config
from machinery.component.run import run_component

if __name__ == "__main__":
    run_component(run, Config.from_args(), name="kubeproxy")
