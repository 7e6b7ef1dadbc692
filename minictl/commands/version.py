"""The version of this client and of the server."""

from __future__ import annotations

import argparse

from minictl.session import Session

CLIENT = "v1.32.0"


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `version` takes."""
    parser.add_argument("--client", action="store_true", help="do not ask the server")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Print both."""
    print(f"Client Version: {CLIENT}")
    if not args.client:
        print(f"Server Version: {(await session.read('/version'))['gitVersion']}")
    return 0
