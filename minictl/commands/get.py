"""Show objects: as a table that the server fills, or as YAML, JSON or names."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from typing import Any

from machinery.api.errors import ApiError, NotFound
from machinery.api.scheme import Resource
from minictl import cli, printers
from minictl.failure import Failure, explain, lost
from minictl.manifests import read
from minictl.resources import NO_TYPE, Target, for_document, qualified_name, targets
from minictl.session import TABLE, Session

FORMATS = ("custom-columns", "json", "jsonpath", "name", "wide", "yaml")


def flags(parser: argparse.ArgumentParser) -> None:
    """Declare what `get` takes."""
    parser.add_argument("words", nargs="*", metavar="TYPE[/NAME]")
    cli.selector_flags(parser)
    cli.filename_flags(parser)
    parser.add_argument("-o", "--output", default="", metavar="|".join(FORMATS))
    cli.switch(parser, "-A", "--all-namespaces")
    cli.switch(parser, "-w", "--watch", help="go on and show every change")
    cli.switch(parser, "--watch-only", help="show changes only")
    cli.switch(parser, "--no-headers")
    cli.switch(parser, "--show-labels")
    parser.add_argument("-L", "--label-columns", action="append", default=[], metavar="KEY,…")
    cli.switch(parser, "--ignore-not-found")


async def run(session: Session, args: argparse.Namespace) -> int:
    """Fetch, print, and go on watching if asked."""
    form, _, args.template = args.output.partition("=")
    if args.output and form not in FORMATS:
        raise Failure(f'unable to match a printer suitable for the output format "{args.output}", allowed formats are: '
                      f"{','.join(FORMATS)}")
    args.output, args.label_columns = form, [key for text in args.label_columns for key in text.split(",")]
    found = await _targets(session, args)
    if args.watch or args.watch_only:
        return await watch(session, args, found)
    if args.output in ("", "wide"):
        return await _tables(session, args, found)
    whole, documents, failed = await _documents(session, args, found)
    if documents or not failed:
        print_documents(args, found, whole, documents)
    return failed


async def _targets(session: Session, args: argparse.Namespace) -> list[Target]:
    if not args.filename:
        if not args.words:
            raise Failure(NO_TYPE)
        found = await targets(session, args.words)
        if (args.selector or args.field_selector) and any(target.name for target in found):
            raise Failure("name cannot be provided when a selector is specified")
        return found
    manifests = read(args.filename, recursive=args.recursive)
    return [Target(await for_document(session, one.document), one.name) for one in manifests]


async def _tables(session: Session, args: argparse.Namespace, found: Sequence[Target]) -> int:
    """One table per resource; objects asked for by name share the table of their resource."""
    several = len({target.resource for target in found}) > 1
    blocks, failed = [], 0
    for resource in dict.fromkeys(target.resource for target in found):
        wanted = [target for target in found if target.resource is resource]
        answers, errors = await _each(session, args, wanted, TABLE)
        failed += errors
        prefix = qualified_name(resource, "") if several else ""
        rows = [row for index, answer in enumerate(answers)
                for row in rows_of(args, resource, answer, prefix=prefix, headers=not index)]  # fmt: skip
        if len(rows) > (not args.no_headers):
            blocks.append(printers.columns(rows))
    if blocks:
        print(("\n" if args.no_headers else "\n\n").join(blocks))
    elif not failed and not args.ignore_not_found:
        local = any(target.resource.namespaced for target in found) and not args.all_namespaces
        print("No resources found" + (f" in {session.namespace} namespace." if local else ""), file=sys.stderr)
    return 1 if failed else 0


async def _each(session: Session, args: argparse.Namespace, found: Sequence[Target],
                accept: str) -> tuple[list[dict[str, Any]], int]:  # fmt: skip
    """The answers for all of these; a failure is told, and the others are shown all the same."""
    answers, failed = [], 0
    for target in found:
        namespace = session.scope(target.resource)
        try:
            if target.name:
                answers.append(await session.fetch(target.resource, namespace, target.name, accept=accept))
            else:
                answers.append(await session.listed(target.resource, namespace, accept=accept, **_selectors(args)))
        except ApiError as error:
            if lost(error):
                raise
            if not (args.ignore_not_found and isinstance(error, NotFound)):
                print(explain(error), file=sys.stderr)
                failed += 1
    return answers, failed


def rows_of(args: argparse.Namespace, resource: Resource, answer: dict[str, Any], *, prefix: str = "",
            headers: bool = True) -> list[printers.Cells]:  # fmt: skip
    """A Table's rows as the flags want them."""
    return printers.table(
        answer,
        wide=args.output == "wide",
        namespaces=args.all_namespaces and resource.namespaced,
        label_columns=args.label_columns,
        labels=args.show_labels,
        prefix=prefix,
        headers=headers and not args.no_headers,
    )


def _selectors(args: argparse.Namespace) -> dict[str, str]:
    return {"label_selector": args.selector, "field_selector": args.field_selector}


async def _documents(session: Session, args: argparse.Namespace,
                     found: Sequence[Target]) -> tuple[Any, list[dict[str, Any]], int]:  # fmt: skip
    """What to print as a whole, the single objects, and whether something failed."""
    documents, failed = [], 0
    for target in found:
        answers, errors = await _each(session, args, [target], "application/json")
        failed += errors
        typed = {"apiVersion": target.resource.api_version, "kind": target.resource.kind}
        for answer in answers:
            items = [answer] if target.name else answer.get("items") or ()
            documents += [printers.for_people({**typed, **item}) for item in items]
    single = len(found) == 1 and bool(found[0].name) and documents
    return documents[0] if single else printers.listing(documents), documents, 1 if failed else 0


def print_documents(args: argparse.Namespace, found: Sequence[Target], whole: Any,
                    documents: Sequence[dict[str, Any]]) -> None:  # fmt: skip
    """Objects in the form that -o names."""
    match args.output:
        case "name":
            kinds = {(target.resource.api_version, target.resource.kind): target.resource for target in found}
            for item in documents:
                print(qualified_name(kinds[item["apiVersion"], item["kind"]], item["metadata"]["name"]), flush=True)
        case "yaml":
            print(printers.as_yaml(whole), flush=True)
        case "json":
            print(printers.as_json(whole), flush=True)
        case "jsonpath":
            from minictl.jsonpath import BadPath, render

            try:
                print(render(args.template, whole), end="", flush=True)
            except BadPath as error:
                raise Failure(f"error parsing jsonpath {args.template}, {error}") from error
        case "custom-columns":
            from minictl.custom_columns import rows

            print(printers.columns(rows(args.template, documents, headers=not args.no_headers)), flush=True)


async def watch(session: Session, args: argparse.Namespace, found: Sequence[Target]) -> int:
    """The first state, then every change; loaded only when asked for."""
    from minictl.watching import watch

    return await watch(session, args, found, _selectors(args))
