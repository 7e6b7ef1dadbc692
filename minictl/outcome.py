"""The confirmation after a write: `pod/web created`, or the object itself when -o asks for it."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from machinery.api.errors import ApiError
from machinery.api.scheme import Resource
from minictl import printers
from minictl.failure import Failure, explain, lost
from minictl.manifests import Manifest
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


@contextmanager
def during(doing: str) -> Iterator[None]:
    """Note on a failure what was being done: "creating", "patching"."""
    try:
        yield
    except ApiError as error:
        error.add_note(doing)
        raise


async def each(manifests: Sequence[Manifest], write: Callable[[Manifest], Awaitable[None]], doing: str) -> int:
    """Write one after the other; a failure is told and the others go on."""
    failed = 0
    for one in manifests:
        try:
            await write(one)
        except (ApiError, Failure) as error:
            if lost(error):
                raise
            what = next(iter(getattr(error, "__notes__", ())), doing)
            print(explain(error, f'error when {what} "{one.source}": '), file=sys.stderr)
            failed = 1
    return failed


def dry_run_params(args: Namespace) -> dict[str, str]:
    """What makes the server only try."""
    return {"dry_run": "All"} if getattr(args, "dry_run", "none") == "server" else {}
