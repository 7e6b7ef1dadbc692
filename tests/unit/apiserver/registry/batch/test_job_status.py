"""What a job's status may not say."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.batch.job import JobStrategy
from tests.support.registry import created, update_errors_of

STRATEGY = JobStrategy()
TEMPLATE = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}
BEGIN, END = "2026-01-01T00:00:00Z", "2026-01-01T00:01:00Z"


def status(*true: str, **rest: Any) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": "True"} for kind in true], **rest}


def complaints(new: dict[str, Any], old: dict[str, Any] | None = None, **spec: Any) -> list[str]:
    obj = created(STRATEGY, {"spec": {"template": TEMPLATE, **spec}})
    before = STRATEGY.model.from_dict({**obj, "status": old or {}}).to_dict()
    return update_errors_of(STRATEGY, before, {**obj, "status": new}, "status")


DONE = status("SuccessCriteriaMet", "Complete", startTime=BEGIN, completionTime=END)
INDEXED = {"completionMode": "Indexed", "completions": 3, "parallelism": 3}


def test_good_ways() -> None:
    running = status(startTime=BEGIN, active=2, ready=1)
    assert complaints(running) == []
    assert complaints(DONE, running) == [] == complaints(DONE, DONE)
    assert complaints(status("FailureTarget", "Failed", startTime=BEGIN, failed=7), running) == []
    assert complaints(status(completedIndexes="0,2", failedIndexes="1"), **INDEXED, backoffLimitPerIndex=1) == []


@pytest.mark.parametrize(
    ("new", "expected"),
    [
        (status(active=-1), "status.active: Invalid value: -1"),
        (status(ready=1), "status.ready: Invalid value: 1: cannot set more ready pods than active"),
        (status("Complete", startTime=BEGIN, completionTime=END), "without the SuccessCriteriaMet=true condition"),
        (status("Failed", startTime=BEGIN), "cannot set Failed=True condition without the FailureTarget=true"),
        (status(startTime=BEGIN, completionTime=END), "cannot set completionTime when there is no Complete=True"),
        ({**DONE, "completionTime": None}, "status.completionTime: Required value: completionTime is required"),
        ({**DONE, "startTime": END, "completionTime": BEGIN}, "completionTime cannot be set before startTime"),
        ({**DONE, "startTime": None}, "status.startTime: Required value: startTime is required for finished job"),
        ({**DONE, "active": 1}, "active>0 is invalid for finished job"),
        ({**DONE, "terminating": 1}, "terminating>0 is invalid for finished job"),
        ({**DONE, "uncountedTerminatedPods": {"failed": ["u"]}}, "uncountedTerminatedPods needs to be empty"),
        (status("SuccessCriteriaMet", "FailureTarget"), "cannot set SuccessCriteriaMet=True and FailureTarget=true"),
        (status(uncountedTerminatedPods={"succeeded": ["u", ""]}), '[1]: Invalid value: "": must not be empty'),
        (status(uncountedTerminatedPods={"succeeded": ["u"], "failed": ["u"]}), 'failed[0]: Duplicate value: "u"'),
        (status(completedIndexes="0"), "cannot set non-empty completedIndexes when non-indexed completion mode"),
        (status(failedIndexes=""), "cannot set non-null failedIndexes when backoffLimitPerIndex is null"),
    ],
)  # fmt: skip
def test_mistakes(new: dict[str, Any], expected: str) -> None:
    found = complaints(new)
    assert len(found) == 1 and expected in found[0], found


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        (DONE, status(startTime=BEGIN, completionTime=END), "cannot disable the terminal Complete=True condition"),
        (DONE, status("Complete", startTime=BEGIN, completionTime=END), "cannot disable the SuccessCriteriaMet=True"),
        (DONE, {**DONE, "completionTime": "2026-01-01T00:02:00Z"}, "completionTime cannot be mutated"),
        (status(failed=2), status(failed=1), "cannot decrease the failed counter"),
        (status(succeeded=2), status(succeeded=1), "cannot decrease the succeeded counter"),
    ],
)
def test_no_way_back(old: dict[str, Any], new: dict[str, Any], expected: str) -> None:
    assert any(expected in error for error in complaints(new, old))


def test_lists_of_indexes() -> None:
    spec = {**INDEXED, "backoffLimitPerIndex": 1}
    assert complaints(status(completedIndexes="0-1", failedIndexes="1"), **spec) == [
        'status.failedIndexes: Invalid value: "1": failedIndexes and completedIndexes overlap at index: 1'
    ]
    assert complaints(status(completedIndexes="7"), **spec) == [
        'status.completedIndexes: Invalid value: "7": error parsing completedIndexes: too large index: "7"'
    ]
