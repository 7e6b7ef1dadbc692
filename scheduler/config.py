"""What the scheduler can be told."""

from __future__ import annotations

from dataclasses import dataclass

from machinery.component.flags import ComponentConfig


@dataclass(frozen=True, kw_only=True)
class Config(ComponentConfig):
    """Finds a node for every pod that has none."""

    kubeconfig: str = ""
    """The kubeconfig that says where the API server is and who we are; empty for the usual places."""
    scheduler_name: str = "default-scheduler"
    """Only pods that ask for this name are ours."""
    leader_elect: bool = False
    """Take part in an election first, and work only while elected: for several control planes, one per machine."""
