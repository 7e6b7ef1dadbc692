"""Set and remove labels: `minictl label pod web tier=back old-`."""

from __future__ import annotations

import argparse

from minictl.metadata_edit import declare, edit
from minictl.session import Session


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `label` takes."""
    declare(parser)


async def run(session: Session, args: argparse.Namespace) -> int:
    """Patch metadata.labels."""
    return await edit(session, args, field="labels", done="labeled", undone="unlabeled")
