"""The version of this client and of the server."""

from __future__ import annotations

import argparse

from minictl import cli, printers
from minictl.failure import Failure
from minictl.session import Session

CLIENT = "v1.32.0"


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `version` takes."""
    cli.switch(parser, "--client", help="do not ask the server")
    parser.add_argument("-o", "--output", default="", metavar="yaml|json")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Print both."""
    if args.output not in ("", "yaml", "json"):
        raise Failure("--output must be 'yaml' or 'json'")
    major, minor = CLIENT.removeprefix("v").split(".")[:2]
    both = {"clientVersion": {"gitVersion": CLIENT, "major": major, "minor": minor}}
    if not args.client:
        both["serverVersion"] = await session.read("/version")
    if args.output:
        print((printers.as_yaml if args.output == "yaml" else printers.as_json)(both))
        return 0
    for side, version in both.items():
        print(f"{side.removesuffix('Version').capitalize()} Version: {version['gitVersion']}")
    return 0
