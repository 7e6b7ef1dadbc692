"""Every kind that is stored, through every verb that changes it: four patches, updates, its status, its deletion."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.core.service_ranges import ServiceRanges
from apiserver.registry.kinds import strategies
from machinery.api import scheme
from tests.fuzz.bodies import GOOD
from tests.integration.apiserver.conftest import Answer, Api
from tests.integration.apiserver.test_kinds import CASES
from tests.support.cluster_samples import SAMPLES

Doc = dict[str, Any]
BODIES: dict[tuple[str, str], Doc] = {
    **{(row.api_version, row.kind): GOOD[row.kind] for row in scheme.RESOURCES if row.kind in GOOD},
    **{(case.api_version, case.kind): case.body for case in CASES},
    **{(sample.api_version, sample.kind): sample.body for sample in SAMPLES},
    ("v1", "ServiceAccount"): {},
}
NAMES = {sample.kind: sample.name for sample in SAMPLES if sample.name != "sample"}
CHANGED_BY_THE_SERVER = ("CustomResourceDefinition", "APIService", "FlowSchema")
"""Between two requests, since the server does what they say and writes their status; they have tests of their own."""
STORED = [
    (row.api_version, row.kind)
    for row in scheme.RESOURCES
    if {"create", "update", "patch", "delete"} <= set(row.verbs) and row.kind not in CHANGED_BY_THE_SERVER
]


def test_no_stored_kind_is_left_out() -> None:
    ranges = ServiceRanges(None, "10.0.0.0/24", "30000-30010")  # type: ignore[arg-type]  # nothing is allocated
    served = {(each.resource.api_version, each.resource.kind) for each in strategies(ranges, event_ttl=60)}
    own = {("v1", "Namespace"), *((row.api_version, row.kind) for row in scheme.RESOURCES
                                  if row.kind in CHANGED_BY_THE_SERVER)}  # fmt: skip
    assert served <= set(STORED) | own and set(STORED) <= set(BODIES), set(STORED) - set(BODIES)


def said(answer: Answer) -> Any:
    assert answer.status in (200, 201), answer.body
    return answer.body


@pytest.mark.parametrize(("version", "kind"), STORED, ids=map("/".join, STORED))
async def test_every_verb(api: Api, namespace: str, version: str, kind: str) -> None:
    row = scheme.for_kind(version, kind)
    name = NAMES.get(kind, f"x-{namespace}")
    head = {"apiVersion": version, "kind": kind, "metadata": {"name": name}}
    body = {**head, **BODIES[version, kind]}
    if kind == "Event":
        body[{"v1": "involvedObject"}.get(version, "regarding")] = {"namespace": namespace, "name": "x"}
    collection, one = row.path(namespace), row.path(namespace, name)
    created = said(await api.post(f"{collection}?fieldValidation=Strict", body))
    assert said(await api.get(one)) == created
    assert {entry["operation"] for entry in created["metadata"].get("managedFields", ())} <= {"Update"}
    for form, patch in (
        ("merge-patch", {"metadata": {"labels": {"merge": "1"}}}),
        ("strategic-merge-patch", {"metadata": {"labels": {"strategic": "1"}}}),
        ("json-patch", [{"op": "add", "path": "/metadata/labels/json", "value": "1"}]),
    ):
        said(await api.patch(one, patch, form))
    config = {**head, "metadata": {"name": name, "labels": {"apply": "1"}}}
    applied = said(await api("PATCH", f"{one}?fieldManager=me", config, content_type="application/apply-patch+yaml"))
    labels = applied["metadata"]["labels"]
    assert {"merge", "strategic", "json", "apply"} <= labels.keys()
    assert "me" in [entry["manager"] for entry in applied["metadata"]["managedFields"]]
    same = said(await api.put(one, applied))
    assert same == applied, "what changes nothing is not written"
    relabelled = {**applied, "metadata": {**applied["metadata"], "labels": {"put": "1"}}}
    replaced = said(await api.put(one, relabelled))
    assert replaced["metadata"]["labels"].get("put") == "1" and "merge" not in replaced["metadata"]["labels"]
    stale = await api.put(one, relabelled)
    assert (stale.status, stale.body["reason"]) == (409, "Conflict")
    if subresource := row.subresource("status"):
        assert set(subresource.verbs) == {"get", "patch", "update"}
        shown = said(await api.get(f"{one}/status"))
        assert said(await api.put(f"{one}/status", shown)) == shown
    (event,) = await api.watch(f"{collection}?watch=true&fieldSelector=metadata.name%3D{name}", count=1)
    assert event == {"type": "ADDED", "object": said(await api.get(one))}
    assert (await api.delete(one, {"propagationPolicy": "Background", "gracePeriodSeconds": 0})).status == 200
