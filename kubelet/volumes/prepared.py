"""A volume that is ready for the pod's containers."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Prepared:
    """Where it lies on this node, and whether nobody may write to it, whatever a mount says."""

    path: Path
    read_only: bool = False
