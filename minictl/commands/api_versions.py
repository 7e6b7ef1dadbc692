"""Every group and version that the server serves."""

from __future__ import annotations

import argparse

from minictl.session import Session


def flags(_: argparse.ArgumentParser) -> None:
    """`api-versions` takes no flags of its own."""


async def run(session: Session, _: argparse.Namespace) -> int:
    """Print them in alphabetical order."""
    groups = (await session.read("/apis"))["groups"]
    core = (await session.read("/api"))["versions"]
    print("\n".join(sorted([*core, *(one["groupVersion"] for group in groups for one in group["versions"])])))
    return 0
