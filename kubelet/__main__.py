"""python -m kubelet"""

from __future__ import annotations

from kubelet.config import Config
from kubelet.kubelet import run
from machinery.component.run import run_component


def main() -> None:
    run_component(run, Config.from_args(), name="kubelet")


if __name__ == "__main__":
    main()
