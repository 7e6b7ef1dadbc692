"""The confirmation after a write: `pod/web created`, or the object itself when -o asks for it."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from machinery.api.scheme import Resource
from minictl import printers
from minictl.resources import qualified_name

SUFFIX = {"client": " (dry run)", "server": " (server dry run)"}


def confirm(args: Namespace, resource: Resource, document: dict[str, Any], verb: str) -> None:
    """Print what became of one object."""
    output = getattr(args, "output", "")
    if output == "yaml":
        print(printers.as_yaml(printers.for_people(document)))
    elif output == "json":
        print(printers.as_json(printers.for_people(document)))
    else:
        name = qualified_name(resource, document["metadata"].get("name", ""))
        tail = "" if output == "name" else f" {verb}{SUFFIX.get(getattr(args, 'dry_run', 'none'), '')}"
        print(name + tail)


def dry_run_params(args: Namespace) -> dict[str, str]:
    """What makes the server only try."""
    return {"dry_run": "All"} if getattr(args, "dry_run", "none") == "server" else {}
