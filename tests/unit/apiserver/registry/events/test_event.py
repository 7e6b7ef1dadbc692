"""events.k8s.io Event: there and back again, stricter rules, selectors, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.events.event import EventStrategy, from_core, to_core
from machinery.api.core.v1 import Event as CoreEvent
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

STRATEGY = EventStrategy(3600)
GOOD = sample("Event").document("default")


def test_there_and_back_again() -> None:
    core = CoreEvent.from_dict(to_core(GOOD) | {"apiVersion": "v1"})
    assert (core.involved_object.name, core.message) == ("web", "all well")
    assert core.reporting_component == "example.com/tester"
    assert from_core(to_core(GOOD)) == GOOD


def test_conversion_of_texts() -> None:
    conversion = STRATEGY.conversion
    body = STRATEGY.model.from_dict(GOOD).to_json()
    assert b'"kind":"Event"' in conversion.encoded(body) and b'"apiVersion":"v1"' in conversion.encoded(body)
    assert conversion.decoded(conversion.encoded(body)) == body


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("eventTime", None, "eventTime: Required value"),
        ("type", "Odd", 'type: Invalid value: "": has invalid value: Odd'),
        ("action", "", "action: Required value"),
        ("reason", "", "reason: Required value"),
        ("reason", "x" * 129, 'reason: Invalid value: "": can have at most 128 characters'),
        ("note", "x" * 1025, 'message: Invalid value: "": can have at most 1024 characters'),
        ("reportingController", "", "reportingController: Required value"),
        ("reportingController", "a b", 'reportingController: Invalid value: "a b"'),
        ("reportingInstance", "", "reportingInstance: Required value"),
        ("deprecatedCount", 1, 'count: Invalid value: "": needs to be unset'),
        ("deprecatedSource", {"component": "c"}, 'source: Invalid value: "": needs to be unset'),
        ("deprecatedFirstTimestamp", "2026-01-01T00:00:00Z", 'firstTimestamp: Invalid value: "": needs to be unset'),
        ("series", {"count": 1}, 'series.count: Invalid value: "": should be at least 2'),
        ("series", {"count": 2}, "series.lastObservedTime: Required value"),
        ("metadata.namespace", "elsewhere", ""),
        ("regarding.namespace", "", ""),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found) if expected else found == []


def test_an_event_about_a_cluster_wide_object_lives_in_default() -> None:
    given = changed(changed(GOOD, "regarding.namespace", ""), "metadata.namespace", "elsewhere")
    assert errors_of(STRATEGY, given) == [
        'involvedObject.namespace: Invalid value: "": does not match event.namespace'
    ]


def test_only_the_series_goes_on() -> None:
    old = created(STRATEGY, GOOD)
    series = {"count": 2, "lastObservedTime": "2026-01-01T00:01:00.000000Z"}
    assert update_errors_of(STRATEGY, old, changed(old, "series", series)) == []
    assert update_errors_of(STRATEGY, old, changed(old, "note", "other")) == [
        'message: Invalid value: "other": field is immutable'
    ]


def test_selectors_and_row() -> None:
    values = STRATEGY.selectable(GOOD)
    assert set(values) == set(STRATEGY.selectable_fields) and values["regarding.name"] == "web"
    cells = row_of(STRATEGY, {**GOOD, "metadata": {"name": "e"}})
    assert cells == ["60m", "Normal", "Tested", "pod/web", "", "example.com/tester, me", "all well", "60m", 1, "e"]
