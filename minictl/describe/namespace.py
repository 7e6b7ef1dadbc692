"""`describe namespace`: with its quotas and limits."""

from __future__ import annotations

from collections.abc import Iterable

from minictl.describe import parts
from minictl.describe.facts import Document, Facts, Needs, Query
from minictl.describe.page import Page

EVENTS = False
SCOPES = {
    "Terminating": "Matches all pods that have an active deadline. These pods have a limited lifespan on a node "
                   "before being actively terminated by the system.",
    "NotTerminating": "Matches all pods that do not have an active deadline. These pods usually include long running "
                      "pods whose container command is not expected to terminate.",
    "BestEffort": "Matches all pods that do not have resource requirements set. These pods have a best effort quality "
                  "of service.",
    "NotBestEffort": "Matches all pods that have at least one resource requirement set. These pods have a burstable "
                     "or guaranteed quality of service.",
}  # fmt: skip
LIMITS = ("min", "max", "defaultRequest", "default", "maxLimitRequestRatio")


def needs(document: Document) -> Needs:
    """Quotas and limit ranges in it."""
    root = f"/api/v1/namespaces/{document['metadata']['name']}"
    return {"quotas": Query(f"{root}/resourcequotas"), "limits": Query(f"{root}/limitranges")}


def describe(namespace: Document, facts: Facts) -> str:
    """The page."""
    page, status = Page(), namespace.get("status") or {}
    parts.head(page, namespace, namespace=False)
    parts.about(page, namespace)
    page.row(0, "Status:", status.get("phase", ""))
    if conditions := status.get("conditions"):
        page.row(0, "Conditions:")
        page.head(1, "Type", "Status", "LastTransitionTime", "Reason", "Message")
        for one in conditions:
            page.row(1, one["type"], one["status"], parts.when(one, "lastTransitionTime"), one.get("reason", ""),
                     one.get("message", ""))  # fmt: skip
    if not facts.missing("quotas"):
        page.row(0)
        _quotas(page, facts.many("quotas"))
    if not facts.missing("limits"):
        page.row(0)
        _limits(page, facts.many("limits"))
    return page.text()


def _quotas(page: Page, quotas: list[Document]) -> None:
    page.row(0, "Resource Quotas" if quotas else "No resource quota.")
    for quota in sorted(quotas, key=lambda one: one["metadata"]["name"]):
        page.row(1, "Name:", quota["metadata"]["name"])
        if scopes := sorted((quota.get("spec") or {}).get("scopes") or ()):
            page.row(1, "Scopes:", ", ".join(scopes))
            for scope in scopes:
                page.row(1, f"* {SCOPES[scope]}") if scope in SCOPES else None
        page.head(1, "Resource", "Used", "Hard", rule=("--------", "---", "---"))
        status = quota.get("status") or {}
        for name, hard in sorted((status.get("hard") or {}).items()):
            page.row(1, name, (status.get("used") or {}).get(name, "0"), hard)


def _limits(page: Page, ranges: list[Document]) -> None:
    page.row(0, "Resource Limits" if ranges else "No LimitRange resource.")
    if ranges:
        page.row(0, " Type", "Resource", "Min", "Max", "Default Request", "Default Limit", "Max Limit/Request Ratio")
        page.row(0, " ----", "--------", "---", "---", "---------------", "-------------", "-" * 23)
    for row in (row for one in ranges for item in one["spec"]["limits"] for row in _limit_rows(item)):
        page.row(0, *row)


def _limit_rows(item: Document) -> Iterable[list[str]]:
    for name in sorted({name for column in LIMITS for name in item.get(column) or {}}):
        yield [f" {item['type']}", name, *((item.get(column) or {}).get(name, "-") for column in LIMITS)]
