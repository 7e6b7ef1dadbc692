"""`describe replicaset`."""

from __future__ import annotations

from collections import Counter

from minictl.describe import parts
from minictl.describe.containers import template
from minictl.describe.facts import Document, Facts, Needs, Query
from minictl.describe.page import NONE, Page

PHASES = (("Running", "Running"), ("Waiting", "Pending"), ("Succeeded", "Succeeded"), ("Failed", "Failed"))


def needs(document: Document) -> Needs:
    """The pods that it may own."""
    path = f"/api/v1/namespaces/{document['metadata']['namespace']}/pods"
    return {"pods": Query(path, label_selector=parts.selector(document["spec"]["selector"]))}


def describe(replica_set: Document, facts: Facts) -> str:
    """The page."""
    page, spec, status = Page(), replica_set["spec"], replica_set.get("status") or {}
    parts.head(page, replica_set)
    page.row(0, "Selector:", parts.selector(spec["selector"]) or NONE)
    parts.about(page, replica_set)
    if owner := parts.controller(replica_set):
        page.row(0, "Controlled By:", owner)
    page.row(0, "Replicas:", f"{status.get('replicas', 0)} current / {spec.get('replicas', 1)} desired")
    if error := facts.missing("pods"):
        page.row(0, "Pods Status:", f"error in fetching pods: {error}")
    else:
        page.row(0, "Pods Status:", phases(facts.many("pods"), replica_set["metadata"]["uid"]))
    template(page, spec["template"])
    parts.reasons(page, status.get("conditions") or ())
    parts.events(page, facts)
    return page.text()


def phases(pods: list[Document], uid: str) -> str:
    """How many of the pods that one object controls are in each phase."""
    mine = [pod for pod in pods
            if any(one.get("controller") and one["uid"] == uid
                   for one in pod["metadata"].get("ownerReferences") or ())]  # fmt: skip
    count = Counter((pod.get("status") or {}).get("phase") for pod in mine)
    return " / ".join(f"{count[phase]} {word}" for word, phase in PHASES)
