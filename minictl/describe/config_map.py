"""`describe configmap`."""

from __future__ import annotations

from minictl.describe import parts
from minictl.describe.facts import Document, Facts
from minictl.describe.page import Page


def describe(config_map: Document, facts: Facts) -> str:
    """The page."""
    page = Page()
    parts.head(page, config_map)
    parts.about(page, config_map)
    page.raw("\nData\n====")
    for key, value in sorted((config_map.get("data") or {}).items()):
        page.raw(f"{key}:\n----\n{value}\n")
    page.raw("\nBinaryData\n====")
    for key, value in sorted((config_map.get("binaryData") or {}).items()):
        page.row(0, f"{key}: {size(value)} bytes")
    page.row(0)
    parts.events(page, facts)
    return page.text()


def size(encoded: str) -> int:
    """How many bytes a base64 text stands for."""
    return len(encoded) * 3 // 4 - encoded.count("=", -2)
