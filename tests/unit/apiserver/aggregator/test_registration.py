"""What is done about the APIService of a name: Kubernetes' own table."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.aggregator.registration import ALWAYS, ON_START, lacks_condition, local, plan

APPS, TEAM = local("apps", "v1", ON_START), local("team.io", "v1", ALWAYS)
OLD_APPS = {**APPS, "spec": {**APPS["spec"], "versionPriority": 1}}
OLD_TEAM = {**TEAM, "spec": {**TEAM["spec"], "versionPriority": 1}}
THEIRS = {**OLD_APPS, "metadata": {"name": "v1.apps"}}


@pytest.mark.parametrize(
    ("current", "wanted", "synced", "at_start", "expected"),
    [
        (None, None, False, False, ""),
        (None, APPS, False, False, "create"),
        (None, APPS, True, False, ""),
        (None, TEAM, True, False, "create"),
        (THEIRS, APPS, False, True, ""),
        (THEIRS, None, False, True, ""),
        (OLD_APPS, APPS, False, True, "update"),
        (OLD_APPS, APPS, False, False, ""),
        (OLD_APPS, APPS, True, True, ""),
        (OLD_APPS, None, False, True, "delete"),
        (OLD_APPS, None, True, True, ""),
        (APPS, APPS, False, True, ""),
        (OLD_TEAM, TEAM, True, False, "update"),
        (TEAM, TEAM, True, False, ""),
        (TEAM, None, True, False, "delete"),
    ],
)
def test_plan(current: Any, wanted: Any, synced: bool, at_start: bool, expected: str) -> None:
    assert plan(current, wanted, synced=synced, at_start=at_start) == expected


def test_what_is_local() -> None:
    assert APPS["metadata"] == {"name": "v1.apps", "labels": {"kube-aggregator.kubernetes.io/automanaged": "onstart"}}
    assert local("", "v1", ON_START)["metadata"]["name"] == "v1." and "group" not in local("", "v1", ON_START)["spec"]
    said = {"status": {"conditions": [{"type": "Available", "status": "True", "reason": "Local"}]}}
    passed = {"status": {"conditions": [{"type": "Available", "status": "True", "reason": "Passed"}]}}
    assert lacks_condition(APPS) and lacks_condition({**APPS, **passed}) and not lacks_condition({**APPS, **said})
    assert not lacks_condition({"spec": {"service": {"name": "x"}}})
