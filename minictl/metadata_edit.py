"""What `label` and `annotate` share: pairs to set, keys to remove, one merge patch.

In real Kubernetes: kubectl/pkg/cmd/label and annotate.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from minictl import cli
from minictl.failure import Failure
from minictl.resources import Target, qualified_name, targets
from minictl.session import Session


def declare(parser: argparse.ArgumentParser) -> None:
    """The flags of both commands."""
    parser.add_argument("words", nargs="*", metavar="TYPE/NAME KEY=VALUE KEY-")
    cli.selector_flags(parser)
    cli.switch(parser, "--overwrite", help="change values that are there already")
    cli.switch(parser, "--all")


def changes(words: Sequence[str]) -> tuple[list[str], dict[str, str | None]]:
    """The words that name objects, and key → new value (None removes)."""
    plain = [word for word in words if "=" not in word and not word.endswith("-")]
    edits: dict[str, str | None] = {}
    for word in words:
        key, equals, value = word.partition("=")
        if equals:
            edits[key] = value
        elif word.endswith("-"):
            edits[word[:-1]] = None
    return plain, edits


async def edit(session: Session, args: argparse.Namespace, *, field: str, done: str, undone: str) -> int:
    """Patch every named object; refuse to overwrite silently."""
    plain, edits = changes(args.words)
    if not edits:
        raise Failure(f"at least one {field.removesuffix('s')} update is required")
    for target in await _chosen(session, args, plain):
        path = target.resource.path(session.scope(target.resource), target.name)
        before = (await session.read(path))["metadata"].get(field) or {}
        _refuse_overwriting(args, field, before, edits)
        after = {**before, **edits}
        same = all(before.get(key) == value for key, value in edits.items())
        if not same:
            await session.patch(path, {"metadata": {field: edits}})
        if field == "labels":
            for key in (key for key, value in edits.items() if value is None and key not in before):
                print(f'label "{key}" not found.')
        still = same and field == "labels"
        verb = f"not {done}" if still else done if any(after[key] is not None for key in edits) else undone
        print(f"{qualified_name(target.resource, target.name)} {verb}")
    return 0


async def _chosen(session: Session, args: argparse.Namespace, words: list[str]) -> list[Target]:
    found = await targets(session, words)
    if all(target.name for target in found):
        return found
    if not (args.all or args.selector):
        raise Failure("resource(s) were provided, but no name was specified")
    resource = found[0].resource
    answer = await session.read(resource.path(session.scope(resource)), label_selector=args.selector)
    return [Target(resource, item["metadata"]["name"]) for item in answer.get("items") or ()]


def _refuse_overwriting(args: argparse.Namespace, field: str, before: dict[str, str],
                        edits: dict[str, str | None]) -> None:  # fmt: skip
    if args.overwrite:
        return
    for key, value in edits.items():
        if value is not None and before.get(key, value) != value:
            has = f"'{key}' already has a value ({before[key]})"
            raise Failure(f"{has}, and --overwrite is false" if field == "labels" else
                          f"--overwrite is false but found the following declared annotation(s): {has}")
