"""python -m kubelet.hollow"""

from __future__ import annotations

from kubelet.hollow.config import Config
from kubelet.hollow.farm import run
from machinery.component.run import run_component


def main() -> None:
    run_component(run, Config.from_args(), name="hollow")


if __name__ == "__main__":
    main()
