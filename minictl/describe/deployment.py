"""`describe deployment`."""

from __future__ import annotations

from typing import Any

from minictl.describe import parts
from minictl.describe.ages import clock
from minictl.describe.containers import template
from minictl.describe.facts import Document, Facts, Needs, Query
from minictl.describe.page import NONE, Page

HASH = "pod-template-hash"


def needs(document: Document) -> Needs:
    """Its replica sets."""
    path = f"/apis/apps/v1/namespaces/{document['metadata']['namespace']}/replicasets"
    return {"replicasets": Query(path, label_selector=parts.selector(document["spec"]["selector"]))}


def describe(deployment: Document, facts: Facts) -> str:
    """The page."""
    page, spec, status = Page(), deployment["spec"], deployment.get("status") or {}
    parts.head(page, deployment)
    page.row(0, "CreationTimestamp:", clock(deployment["metadata"].get("creationTimestamp")))
    parts.about(page, deployment)
    page.row(0, "Selector:", parts.selector(spec["selector"]))
    counts = [f"{spec.get('replicas', 1)} desired"] + [
        f"{status.get(field, 0)} {word}"
        for word, field in (("updated", "updatedReplicas"), ("total", "replicas"), ("available", "availableReplicas"),
                            ("unavailable", "unavailableReplicas"))
    ]  # fmt: skip
    page.row(0, "Replicas:", " | ".join(counts))
    _strategy(page, spec)
    template(page, spec["template"])
    parts.reasons(page, status.get("conditions") or ())
    _replica_sets(page, deployment, facts)
    parts.events(page, facts)
    return page.text()


def _strategy(page: Page, spec: Document) -> None:
    strategy = spec.get("strategy") or {}
    page.row(0, "StrategyType:", strategy.get("type", ""))
    page.row(0, "MinReadySeconds:", spec.get("minReadySeconds", 0))
    if rolling := strategy.get("rollingUpdate"):
        page.row(0, "RollingUpdateStrategy:",
                 f"{rolling.get('maxUnavailable')} max unavailable, {rolling.get('maxSurge')} max surge")  # fmt: skip


def _replica_sets(page: Page, deployment: Document, facts: Facts) -> None:
    mine = [one for one in facts.many("replicasets") if _controlled(one, deployment["metadata"]["uid"])]
    wanted = comparable(deployment["spec"]["template"])
    current = [one for one in sorted(mine, key=lambda one: one["metadata"]["creationTimestamp"])
               if comparable(one["spec"]["template"]) == wanted][:1]  # fmt: skip
    if mine:
        page.row(0, "OldReplicaSets:", _named([one for one in mine if one not in current]))
        page.row(0, "NewReplicaSet:", _named(current))


def _controlled(document: Document, uid: str) -> bool:
    owners = document["metadata"].get("ownerReferences") or ()
    return any(one.get("controller") and one["uid"] == uid for one in owners)


def _named(rows: list[Document]) -> str:
    return ", ".join(
        f"{one['metadata']['name']} ({(one.get('status') or {}).get('replicas', 0)}/{one['spec'].get('replicas', 1)} "
        "replicas created)"
        for one in rows
    ) or NONE


def comparable(value: Any) -> Any:
    """A template without the hash that the deployment controller adds, and without what is empty."""
    if isinstance(value, dict):
        kept = {key: comparable(item) for key, item in value.items() if key != HASH}
        return {key: item for key, item in kept.items() if item not in (None, {}, [], "")}
    return [comparable(item) for item in value] if isinstance(value, list) else value
