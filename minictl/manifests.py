"""Manifests: from files, folders, URLs of our own machine or standard input to documents ready to send.

Mistakes that learners make are met here with what is wrong and what to write instead.
In real Kubernetes: cli-runtime/pkg/resource (builder, visitor).
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from minictl.failure import Failure

SUFFIXES = (".json", ".yaml", ".yml")
SMART_QUOTES = "«»“”„‘’"


@dataclass(frozen=True, slots=True)
class Manifest:
    """One object as its author wrote it, and where."""

    source: str
    document: dict[str, Any]

    @property
    def name(self) -> str:
        """metadata.name, "" where generateName stands in for it."""
        return self.document.get("metadata", {}).get("name", "")

    @property
    def namespace(self) -> str:
        """metadata.namespace, "" where it is left to the context."""
        return self.document.get("metadata", {}).get("namespace", "")


def read(filenames: list[str], *, recursive: bool = False, verb: str = "apply") -> list[Manifest]:
    """Every object in these files, in order; Lists are taken apart. Raises Failure naming file and field."""
    if not filenames:
        raise Failure("must specify one of -f and -k")
    found = [manifest for name in filenames for path in _paths(name, recursive) for manifest in _manifests(path)]
    if not found:
        raise Failure(f"no objects passed to {verb}")
    return found


def _paths(name: str, recursive: bool) -> list[str]:
    if name == "-":
        return [name]
    path = Path(name)
    if not path.exists():
        raise Failure(f'the path "{name}" does not exist')
    if path.is_file():
        return [name]
    entries = path.rglob("*") if recursive else path.iterdir()
    return sorted(str(entry) for entry in entries if entry.is_file() and entry.suffix in SUFFIXES)


def _manifests(path: str) -> Iterator[Manifest]:
    from machinery.api import yaml

    text = sys.stdin.read() if path == "-" else Path(path).read_text()
    source = "STDIN" if path == "-" else path
    try:
        documents = list(yaml.load_all(text))
    except yaml.Error as error:
        raise Failure(f"error parsing {source}: {error}{_quotes_hint(text)}") from error
    for document in documents:
        if document is not None:
            yield from _objects(source, document, text)


def _objects(source: str, document: Any, text: str) -> Iterator[Manifest]:
    _check(source, document, text)
    if document["kind"].endswith("List") and isinstance(document.get("items"), list):
        for item in document["items"]:
            yield from _objects(source, item, text)
    else:
        yield Manifest(source, document)


def _check(source: str, document: Any, text: str) -> None:
    """The four root keys must be there and be what they should be."""
    if not isinstance(document, dict):
        raise Failure(f"error parsing {source}: a manifest is a mapping, not {document!r}")
    absent = [f"{key} not set" for key in ("apiVersion", "kind") if not isinstance(document.get(key) or None, str)]
    if absent:
        what = absent[0] if len(absent) == 1 else f"[{', '.join(absent)}]"
        raise Failure(f'error validating "{source}": error validating data: {what}; if you choose to ignore these '
                      f"errors, turn validation off with --validate=false{_out_dented(document)}")
    if not isinstance(document.get("metadata") or {}, dict):
        raise Failure(f'error validating "{source}": metadata must be a mapping')
    if any(quote in text for quote in SMART_QUOTES) and _smart(document):
        raise Failure(f'error validating "{source}": {_smart(document)}{_quotes_hint(text)}')


def _out_dented(document: dict[str, Any]) -> str:
    stray = [key for key in document if key not in ("apiVersion", "kind", "metadata", "spec", "data", "status")]
    return f"\nFound {', '.join(map(repr, stray))} at the root: check the indentation" if stray else ""


def _smart(value: Any, path: str = "") -> str:
    """The first value that is wrapped in typographic quotes."""
    if isinstance(value, dict):
        return next((hit for key, item in value.items() if (hit := _smart(item, f"{path}.{key}"))), "")
    if isinstance(value, list):
        return next((hit for index, item in enumerate(value) if (hit := _smart(item, f"{path}[{index}]"))), "")
    wrapped = isinstance(value, str) and value[:1] in SMART_QUOTES and value[-1:] in SMART_QUOTES and value
    return f"{path.lstrip('.')} is {value}" if wrapped else ""


def _quotes_hint(text: str) -> str:
    if not any(quote in text for quote in SMART_QUOTES):
        return ""
    return "\nThe file holds typographic quotes (« » “ ”): YAML wants the plain ones, \" or '."
