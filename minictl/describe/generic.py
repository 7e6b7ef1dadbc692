"""`describe` of any kind: every field under a readable title.

Pure. In real Kubernetes: genericDescriber of kubectl/pkg/describe.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from minictl.describe import parts
from minictl.describe.facts import Document, Facts
from minictl.describe.page import Page, shown

SHOWN_ABOVE = {".metadata.managedFields", ".metadata.name", ".metadata.namespace", ".metadata.labels",
               ".metadata.annotations"}  # fmt: skip
ACRONYMS = ("API", "URL", "UID", "OSB", "GUID")
WORD = re.compile(r"[^\W\d_]*")
PIECE = re.compile(r"[A-Z]+(?![a-z])|[A-Z][a-z]*|[a-z]+|-")


def describe(document: Document, facts: Facts) -> str:
    """The page."""
    page = Page()
    parts.head(page, document)
    parts.about(page, document)
    _fields(page, 0, document, "")
    parts.events(page, facts)
    return page.text()


def _fields(page: Page, level: int, content: Mapping[str, Any], path: str) -> None:
    for field, value in sorted(content.items()):
        here = f"{path}.{field}"
        if here in SHOWN_ABOVE:
            continue
        if isinstance(value, dict):
            page.row(level, f"{title(field)}:")
            _fields(page, level + 1, value, here)
        elif isinstance(value, list):
            page.row(level, f"{title(field)}:")
            for child in value:
                _fields(page, level + 1, child, here) if isinstance(child, dict) else page.row(level + 1, child)
        else:
            page.row(level, f"{title(field)}:", shown(value))


def title(field: str) -> str:
    """`apiVersion` becomes `API Version`; names with other signs stay as they are."""
    if not re.fullmatch(r"[^\W\d_]*(?:-[^\W\d_]*)*", field):
        return field
    words = PIECE.findall(field)
    return " ".join(word.upper() if word.upper() in ACRONYMS else word.title() if word.islower() else word
                    for word in words)  # fmt: skip
