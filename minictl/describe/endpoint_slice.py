"""`describe endpointslice`."""

from __future__ import annotations

from minictl.describe import parts
from minictl.describe.endpoints import ports
from minictl.describe.facts import Document, Facts
from minictl.describe.page import NONE, UNSET, Page, shown


def describe(one: Document, facts: Facts) -> str:
    """The page."""
    page = Page()
    parts.head(page, one)
    parts.about(page, one)
    page.row(0, "AddressType:", one.get("addressType", ""))
    if one.get("ports"):
        ports(page, 0, one["ports"])
    else:
        page.row(0, "Ports: <unset>")
    page.row(0, "Endpoints:" if one.get("endpoints") else "Endpoints: <none>")
    for endpoint in one.get("endpoints") or ():
        _endpoint(page, endpoint)
    parts.events(page, facts)
    return page.text()


def _endpoint(page: Page, endpoint: Document) -> None:
    page.row(1, "- Addresses:", ", ".join(endpoint.get("addresses") or ()) or NONE)
    page.row(2, "Conditions:")
    page.row(3, "Ready:", shown((endpoint.get("conditions") or {}).get("ready", UNSET)))
    page.row(2, "Hostname:", endpoint.get("hostname", UNSET))
    if target := endpoint.get("targetRef"):
        page.row(2, "TargetRef:", f"{target['kind']}/{target['name']}")
    page.row(2, "NodeName:", endpoint.get("nodeName", UNSET))
    page.row(2, "Zone:", endpoint.get("zone", UNSET))
