"""python -m addons.network"""

from __future__ import annotations

from addons.network.app import run
from addons.network.config import Config
from machinery.component.run import run_component

if __name__ == "__main__":
    run_component(run, Config.from_args(), name="network")
