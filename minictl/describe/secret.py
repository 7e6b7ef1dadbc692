"""`describe secret`: sizes, never values."""

from __future__ import annotations

import base64

from minictl.describe import parts
from minictl.describe.config_map import size
from minictl.describe.facts import Document, Facts
from minictl.describe.page import Page

TOKEN = "kubernetes.io/service-account-token"
EVENTS = False


def describe(secret: Document, _: Facts) -> str:
    """The page."""
    page = Page()
    parts.head(page, secret)
    parts.about(page, secret)
    page.row(0)
    page.row(0, "Type:", secret.get("type", ""))
    page.raw("\nData\n====")
    for key, value in sorted((secret.get("data") or {}).items()):
        if key == "token" and secret.get("type") == TOKEN:
            page.row(0, f"{key}:", base64.b64decode(value).decode())
        else:
            page.row(0, f"{key}:", f"{size(value)} bytes")
    return page.text()
