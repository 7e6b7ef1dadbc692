"""Set and remove annotations: `minictl annotate pod web note=x old-`."""

from __future__ import annotations

import argparse

from minictl.metadata_edit import declare, edit
from minictl.session import Session


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `annotate` takes."""
    declare(parser)


async def run(session: Session, args: argparse.Namespace) -> int:
    """Patch metadata.annotations."""
    return await edit(session, args, field="annotations", done="annotated", undone="annotated")
