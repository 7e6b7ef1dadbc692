"""Every resource that the server serves, as its discovery names them."""

from __future__ import annotations

import argparse

from minictl import cli, printers
from minictl.resources import discover
from minictl.session import Session

HEADERS = ["NAME", "SHORTNAMES", "APIVERSION", "NAMESPACED", "KIND"]


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `api-resources` takes."""
    parser.add_argument("-o", "--output", default="", choices=("", "wide", "name"))
    parser.add_argument("--namespaced", default=None, choices=("true", "false"))
    parser.add_argument("--api-group", default=None)
    cli.switch(parser, "--no-headers")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Print them by name."""
    wanted = {None: (True, False), "true": (True,), "false": (False,)}[args.namespaced]
    found = [row for row in await discover(session) if row.namespaced in wanted and args.api_group in (None, row.group)]
    rows = sorted(found, key=lambda row: (row.group, row.plural))
    if args.output == "name":
        print("\n".join(row.qualified for row in rows))
        return 0
    wide = args.output == "wide"
    cells = [
        [row.plural, ",".join(row.short_names), row.api_version, str(row.namespaced).lower(), row.kind]
        + ([",".join(row.verbs), ",".join(row.categories)] if wide else [])
        for row in rows
    ]
    titles = [] if args.no_headers else [HEADERS + (["VERBS", "CATEGORIES"] if wide else [])]
    print(printers.columns([*titles, *cells]))
    return 0
