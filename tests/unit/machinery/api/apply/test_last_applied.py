"""From client-side to server-side apply."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest

from machinery.api.apply import Applied, Conflicts, Writer, apply, named, update
from machinery.api.apply.last_applied import ANNOTATION, CLIENT_SIDE, upgraded
from machinery.api.apply.managers import entries_of
from machinery.api.apps.v1 import Deployment

Document = dict[str, Any]
KUBECTL = Writer("kubectl", "apps/v1", reset=named("status"))


@pytest.fixture
def client_side(deployment: Callable[..., Document], noon: datetime) -> Document:
    """As `kubectl apply` leaves it."""
    config = deployment(replicas=2)
    text = json.dumps(config, sort_keys=True, separators=(",", ":")) + "\n"
    annotated = {**config, "metadata": {**config["metadata"], "annotations": {ANNOTATION: text}}}
    writer = Writer(CLIENT_SIDE, "apps/v1", reset=named("status"))
    return update(None, Deployment.from_dict(annotated).to_dict(), Deployment, writer, now=noon)


def test_kubectl_meets_no_conflict_with_its_own_past(
    client_side: Document, deployment: Callable[..., Document], noon: datetime
) -> None:
    config = deployment("shop:2", replicas=3)
    outcome = apply(client_side, config, Deployment, KUBECTL, now=noon)
    assert isinstance(outcome, Applied)
    assert outcome.object["spec"]["replicas"] == 3
    told = outcome.object["metadata"]["annotations"][ANNOTATION]
    assert json.loads(told) == {**config, "metadata": {**config["metadata"]}}
    assert told.endswith("}\n") and '": ' not in told


def test_anybody_else_does(client_side: Document, deployment: Callable[..., Document], noon: datetime) -> None:
    outcome = apply(client_side, deployment(replicas=3), Deployment, Writer("other", "apps/v1"), now=noon)
    assert isinstance(outcome, Conflicts)
    assert outcome.error().message == (
        'Apply failed with 1 conflict: conflict with "kubectl-client-side-apply" using apps/v1: .spec.replicas'
    )


def test_what_another_changed_since_is_a_conflict_and_the_only_one(
    client_side: Document, deployment: Callable[..., Document], noon: datetime
) -> None:
    scaled = {**client_side, "spec": {**client_side["spec"], "replicas": 5}}
    live = update(client_side, scaled, Deployment, Writer("scaler", "apps/v1"), now=noon)
    outcome = apply(live, deployment("shop:2", replicas=3), Deployment, KUBECTL, now=noon)
    assert isinstance(outcome, Conflicts)
    assert [(c.owner.manager, c.field) for c in outcome.found] == [("scaler", ".spec.replicas")]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"apiVersion":"v1"}', '{"apiVersion":"apps/v1","spec":{"x":1}}'])
def test_an_annotation_that_tells_nothing_allows_nothing(
    client_side: Document, deployment: Callable[..., Document], noon: datetime, text: str
) -> None:
    client_side["metadata"]["annotations"][ANNOTATION] = text
    assert isinstance(apply(client_side, deployment(replicas=3), Deployment, KUBECTL, now=noon), Conflicts)


def test_letters_of_html_are_escaped_and_a_long_annotation_goes(
    client_side: Document, deployment: Callable[..., Document], noon: datetime
) -> None:
    config = deployment(replicas=2)
    config["metadata"]["annotations"] = {"note": "<a&b>", ANNOTATION: "old"}
    outcome = apply(client_side, config, Deployment, KUBECTL, now=noon, force=True)
    assert isinstance(outcome, Applied)
    told = outcome.object["metadata"]["annotations"][ANNOTATION]
    assert "\\u003ca\\u0026b\\u003e" in told and ANNOTATION not in json.loads(told)["metadata"]["annotations"]
    config["metadata"]["annotations"] = {"note": "x" * 200_000}
    outcome = apply(client_side, config, Deployment, KUBECTL, now=noon, force=True)
    assert isinstance(outcome, Applied) and ANNOTATION not in outcome.object["metadata"]["annotations"]


def test_an_upgrade_hands_fields_to_the_applier(
    client_side: Document, deployment: Callable[..., Document], noon: datetime
) -> None:
    entries = upgraded(entries_of(client_side))
    assert [(e["manager"], e["operation"]) for e in entries] == [("kubectl", "Apply")]
    assert entries[0]["fieldsV1"] == entries_of(client_side)[0]["fieldsV1"]
    applied = apply(client_side, deployment(replicas=2), Deployment, KUBECTL, now=noon)
    assert isinstance(applied, Applied)
    both = upgraded(entries_of(applied.object))
    assert [(e["manager"], e["operation"]) for e in both] == [("kubectl", "Apply")]
    assert upgraded(both) is both
    live = {**applied.object, "metadata": {**applied.object["metadata"], "managedFields": both}}
    less = apply(live, deployment(), Deployment, KUBECTL, now=noon)
    assert isinstance(less, Applied) and "replicas" not in less.object["spec"]
