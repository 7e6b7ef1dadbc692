"""`describe serviceaccount`: with the secrets that it names, and whether they exist."""

from __future__ import annotations

from collections.abc import Sequence

from minictl.describe import parts
from minictl.describe.facts import Document, Facts, Needs, Query
from minictl.describe.page import NONE, Page

TOKEN = "kubernetes.io/service-account-token"
OWNER = "kubernetes.io/service-account."


def needs(document: Document) -> Needs:
    """The namespace's secrets."""
    return {"secrets": Query(f"/api/v1/namespaces/{document['metadata']['namespace']}/secrets")}


def describe(account: Document, facts: Facts) -> str:
    """The page."""
    page, meta = Page(), account["metadata"]
    secrets = facts.many("secrets")
    tokens = [one["metadata"]["name"] for one in secrets if one.get("type") == TOKEN and _belongs(one, meta)]
    known = {one["metadata"]["name"] for one in secrets}
    parts.head(page, account)
    parts.about(page, account)
    for title, names in (("Image pull secrets:", _names(account.get("imagePullSecrets"))),
                         ("Mountable secrets:", _names(account.get("secrets"))), ("Tokens:", tokens)):  # fmt: skip
        _rows(page, title, [name if name in known else f"{name} (not found)" for name in names])
    parts.events(page, facts)
    return page.text()


def _belongs(secret: Document, account: Document) -> bool:
    notes = secret["metadata"].get("annotations") or {}
    return (notes.get(f"{OWNER}name"), notes.get(f"{OWNER}uid", account["uid"])) == (account["name"], account["uid"])


def _names(references: Sequence[Document] | None) -> list[str]:
    return [one["name"] for one in references or ()]


def _rows(page: Page, title: str, names: Sequence[str]) -> None:
    for index, name in enumerate(names or [NONE]):
        page.row(0, " " * len("Image pull secrets:") if index else title, name)
