"""`describe endpoints`."""

from __future__ import annotations

from collections.abc import Sequence

from minictl.describe import parts
from minictl.describe.facts import Document, Facts
from minictl.describe.page import NONE, UNSET, Page


def describe(endpoints: Document, facts: Facts) -> str:
    """The page."""
    page = Page()
    parts.head(page, endpoints)
    parts.about(page, endpoints)
    page.row(0, "Subsets:")
    for subset in endpoints.get("subsets") or ():
        page.row(1, "Addresses:", _listed(subset.get("addresses") or ()))
        page.row(1, "NotReadyAddresses:", _listed(subset.get("notReadyAddresses") or ()))
        ports(page, 1, subset.get("ports") or ())
        page.row(0)
    parts.events(page, facts)
    return page.text()


def _listed(addresses: Sequence[Document]) -> str:
    return ",".join(one["ip"] for one in addresses) or NONE


def ports(page: Page, level: int, values: Sequence[Document]) -> None:
    """A table of ports; nothing if there are none."""
    if not values:
        return
    page.row(level, "Ports:")
    page.head(level + 1, "Name", "Port", "Protocol")
    for one in values:
        page.row(level + 1, one.get("name") or UNSET, one.get("port", UNSET), one.get("protocol", ""))
