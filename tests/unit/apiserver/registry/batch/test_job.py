"""Job: defaults, the generated selector, every mistake, what may change, its row."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.batch.job import JobStrategy
from tests.support.registry import UID, changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = JobStrategy()
TEMPLATE = {"spec": {"restartPolicy": "Never", "containers": [{"name": "c", "image": "i:1"}]}}
GOOD: dict[str, Any] = {"spec": {"template": TEMPLATE}}
CODES = {"operator": "In", "values": [1]}
OWN = {
    "batch.kubernetes.io/controller-uid": UID, "controller-uid": UID,
    "batch.kubernetes.io/job-name": "x", "job-name": "x",
}  # fmt: skip


def job(**spec: Any) -> dict[str, Any]:
    return {"spec": {"template": TEMPLATE, **spec}}


def indexed(**spec: Any) -> dict[str, Any]:
    return job(completionMode="Indexed", **{"completions": 3, "parallelism": 3, **spec})


def policy(**rule: Any) -> dict[str, Any]:
    return job(podFailurePolicy={"rules": [{"action": "FailJob", **rule}]})


def success(**rule: Any) -> dict[str, Any]:
    return indexed(successPolicy={"rules": [rule]})


def test_defaults() -> None:
    obj = created(STRATEGY, GOOD)
    rest = {key: value for key, value in obj["spec"].items() if key not in ("template", "selector")}
    assert rest == {
        "parallelism": 1, "completions": 1, "backoffLimit": 6, "completionMode": "NonIndexed", "suspend": False,
        "manualSelector": False, "podReplacementPolicy": "TerminatingOrFailed",
    }  # fmt: skip
    assert obj["spec"]["selector"] == {"matchLabels": {"batch.kubernetes.io/controller-uid": UID}}
    assert obj["spec"]["template"]["metadata"]["labels"] == OWN == obj["metadata"]["labels"]
    assert obj["metadata"]["generation"] == 1 and errors_of(STRATEGY, GOOD) == []


def test_other_defaults() -> None:
    assert "completions" not in created(STRATEGY, job(parallelism=2))["spec"]
    assert created(STRATEGY, indexed(backoffLimitPerIndex=1))["spec"]["backoffLimit"] == 2**31 - 1
    strict = created(STRATEGY, policy(onPodConditions=[{"type": "DisruptionTarget"}]))["spec"]
    assert strict["podReplacementPolicy"] == "Failed"
    assert strict["podFailurePolicy"]["rules"][0]["onPodConditions"][0]["status"] == "True"


def test_a_selector_by_hand() -> None:
    own = changed(job(manualSelector=True, selector={"matchLabels": {"a": "b"}}), "metadata.labels", {"z": "z"})
    own = changed(own, "spec.template.metadata.labels", {"a": "b"})
    obj = created(STRATEGY, own)
    assert obj["spec"]["selector"] == {"matchLabels": {"a": "b"}} and obj["metadata"]["labels"] == {"z": "z"}
    assert errors_of(STRATEGY, own) == []
    assert "spec.selector: Required value" in errors_of(STRATEGY, job(manualSelector=True))
    foreign = changed(GOOD, "spec.selector.matchLabels", {"a": "b"})
    assert any("`selector` not auto-generated" in error for error in errors_of(STRATEGY, foreign))
    mixed = errors_of(STRATEGY, changed(GOOD, "spec.template.metadata.labels", {"job-name": "y"}))
    assert mixed[0] == 'spec.template.metadata.labels[job-name]: Invalid value: "y": must be \'x\''


@pytest.mark.parametrize(
    ("obj", "expected"),
    [
        (job(parallelism=-1), "spec.parallelism: Invalid value: -1"),
        (job(completions=-1), "spec.completions: Invalid value: -1"),
        (job(activeDeadlineSeconds=-1), "spec.activeDeadlineSeconds: Invalid value: -1"),
        (job(backoffLimit=-1), "spec.backoffLimit: Invalid value: -1"),
        (job(ttlSecondsAfterFinished=-1), "spec.ttlSecondsAfterFinished: Invalid value: -1"),
        (job(completionMode="Odd"), 'spec.completionMode: Unsupported value: "Odd"'),
        (job(backoffLimitPerIndex=1), "spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode"),
        (job(managedBy="me"), "spec.managedBy: Invalid value: \"me\": must be a domain-prefixed path"),
        (job(podReplacementPolicy="Never"), 'spec.podReplacementPolicy: Unsupported value: "Never"'),
        (indexed(completions=None, parallelism=1), "spec.completions: Required value: when completion mode is Indexed"),
        (indexed(parallelism=200_000), "must be less than or equal to 100000 when completion mode is Indexed"),
        (indexed(maxFailedIndexes=1), "spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified"),
        (indexed(maxFailedIndexes=9, backoffLimitPerIndex=1), "must be less than or equal to completions"),
        (
            indexed(completions=200_000, backoffLimitPerIndex=1),
            "spec.maxFailedIndexes: Required value: must be specified when completions is above 100000",
        ),
        (
            indexed(completions=200_000, backoffLimitPerIndex=1, maxFailedIndexes=1, parallelism=20_000),
            "when completions are above 100000 and used with backoff limit per index",
        ),
        (changed(GOOD, "spec.template.spec.restartPolicy", None), 'valid values: "OnFailure", "Never"'),
        (changed(GOOD, "spec.template.spec.containers.0.image", None), "spec.containers[0].image: Required"),
        (changed(policy(onExitCodes=CODES), "spec.template.spec.restartPolicy", "OnFailure"),
         'only "Never" is supported when podFailurePolicy is specified'),
        (policy(), "spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions"),
        (policy(action="", onPodConditions=[{"type": "A"}]),
         'action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]'),
        (policy(action="Odd", onPodConditions=[{"type": "A"}]), 'action: Unsupported value: "Odd"'),
        (policy(action="FailIndex", onPodConditions=[{"type": "A"}]), "requires the backoffLimitPerIndex to be set"),
        (policy(onPodConditions=[{"type": "A"}], onExitCodes={"operator": "In", "values": [1]}),
         "specifying both OnExitCodes and OnPodConditions is not supported"),
        (policy(onPodConditions=[{"type": "A", "status": "Odd"}]), 'status: Unsupported value: "Odd"'),
        (policy(onPodConditions=[{"type": "A b"}]), "onPodConditions[0].type: Invalid value"),
        (policy(onExitCodes={"operator": "In", "values": []}), "values: Invalid value: []: at least one value"),
        (policy(onExitCodes={"operator": "In", "values": [0]}), "must not be 0 for the In operator"),
        (policy(onExitCodes={"operator": "In", "values": [2, 1]}), "must be ordered"),
        (policy(onExitCodes={"operator": "In", "values": [1, 1]}), "values[1]: Duplicate value: 1"),
        (policy(onExitCodes={"operator": "Odd", "values": [1]}), 'operator: Unsupported value: "Odd"'),
        (policy(onExitCodes={"values": [1]}), 'operator: Required value: valid values: ["In" "NotIn"]'),
        (policy(onExitCodes={"operator": "In", "values": [1], "containerName": "z"}),
         "must be one of the container or initContainer names in the pod template"),
        (job(successPolicy={"rules": [{"succeededCount": 1}]}), "requires indexed completion mode"),
        (indexed(successPolicy={"rules": []}), "at least one rules must be specified when the successPolicy"),
        (success(), "at least one of succeededCount or succeededIndexes must be specified"),
        (success(succeededCount=-1), "succeededCount: Invalid value: -1"),
        (success(succeededCount=4), "must be less than or equal to 3 (the number of specified completions)"),
        (success(succeededIndexes="0-1", succeededCount=3), "must be less than or equal to 2 (the number of indexes"),
        (success(succeededIndexes="1-9"), 'error parsing succeededIndexes: too large index: "9"'),
        (success(succeededIndexes="1,0"), "non-increasing order, previous: 1, current: 0"),
        (success(succeededIndexes="1-x"), 'cannot convert string to integer for index: "x"'),
        (success(succeededIndexes="0-1-2"), 'the fragment "0-1-2" violates the requirement'),
    ],
)  # fmt: skip
def test_mistakes(obj: dict[str, Any], expected: str) -> None:
    found = errors_of(STRATEGY, obj)
    assert len(found) == 1 and expected in found[0], found


def test_names_that_become_host_names() -> None:
    long = changed(indexed(), "metadata.name", "x" * 62)
    assert errors_of(STRATEGY, long)[0].endswith(f"will not able to create pod with invalid DNS label: {'x' * 62}-2")
    typed = STRATEGY.model.from_dict(changed(GOOD, "metadata.name", "a.b"))
    assert STRATEGY.warnings(typed)[0].startswith("metadata.name: this is used in Pod names and hostnames")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.parallelism", 5, ""),
        ("spec.suspend", True, ""),
        ("spec.backoffLimit", 3, ""),
        ("spec.completions", 5, "spec.completions: Invalid value: 5: field is immutable"),
        ("spec.completionMode", "Indexed", "spec.completionMode: Invalid value: \"Indexed\": field is immutable"),
        ("spec.template.spec.containers.0.image", "j", "spec.template: Invalid value"),
        ("spec.template.spec.nodeSelector", {"a": "b"}, "spec.template: Invalid value"),
        ("spec.managedBy", "a.b/c", "spec.managedBy: Invalid value: \"a.b/c\": field is immutable"),
    ],
)
def test_what_may_change(path: str, value: Any, expected: str) -> None:
    old = created(STRATEGY, GOOD)
    found = update_errors_of(STRATEGY, old, changed(old, path, value))
    assert [expected in error for error in found] == ([True] if expected else []), found


def test_an_indexed_job_grows_with_its_parallelism() -> None:
    old = created(STRATEGY, indexed())
    both = changed(changed(old, "spec.completions", 5), "spec.parallelism", 5)
    assert update_errors_of(STRATEGY, old, both) == []
    assert update_errors_of(STRATEGY, old, changed(old, "spec.completions", 5)) == [
        "spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism"
    ]


def test_a_suspended_job_may_still_be_placed_elsewhere() -> None:
    old = created(STRATEGY, job(suspend=True))
    affinity = {"nodeAffinity": {"preferredDuringSchedulingIgnoredDuringExecution": [
        {"weight": 1, "preference": {"matchExpressions": [{"key": "a", "operator": "Exists"}]}}]}}  # fmt: skip
    new = changed(changed(old, "spec.template.spec.nodeSelector", {"a": "b"}), "spec.template.spec.affinity", affinity)
    assert update_errors_of(STRATEGY, old, new) == []
    assert update_errors_of(STRATEGY, new, changed(new, "spec.template.spec.affinity", None)) == []
    assert update_errors_of(STRATEGY, old, changed(new, "spec.template.spec.hostname", "h")) != []
    begun = changed(old, "status.startTime", "2026-01-01T00:00:00Z")
    assert update_errors_of(STRATEGY, begun, new) != []


def state(*conditions: str, **status: Any) -> dict[str, Any]:
    return {"conditions": [{"type": kind, "status": "True"} for kind in conditions], **status}


@pytest.mark.parametrize(
    ("obj", "cells"),
    [
        (created(STRATEGY, GOOD), ["Running", "0/1", ""]),
        ({**job(parallelism=3), "status": state(succeeded=1)}, ["Running", "1/1 of 3", ""]),
        ({**job(parallelism=1), "status": state("Suspended")}, ["Suspended", "0/1", ""]),
        ({**job(completions=2), "status": state("FailureTarget")}, ["FailureTarget", "0/2", ""]),
        ({**job(completions=2), "status": state("FailureTarget", "Failed")}, ["Failed", "0/2", ""]),
        (
            {**job(completions=1), "status": state("SuccessCriteriaMet", "Complete", succeeded=1,
             startTime="2026-01-01T00:00:00Z", completionTime="2026-01-01T00:02:34Z")},
            ["Complete", "1/1", "2m34s"],
        ),
        ({**job(completions=1), "status": state(startTime="2026-01-01T00:59:30Z")}, ["Running", "0/1", "30s"]),
        (
            {**job(completions=1), "metadata": {"deletionTimestamp": "2026-01-01T00:59:30Z"}},
            ["Terminating", "0/1", ""],
        ),
    ],
)  # fmt: skip
def test_row(obj: dict[str, Any], cells: list[str]) -> None:
    row = row_of(STRATEGY, obj)
    assert row[1:4] == cells and row[4:7] == ["2m34s", "c", "i:1"]


def test_selectable() -> None:
    obj = updated(STRATEGY, created(STRATEGY, GOOD), {**GOOD, "status": {"succeeded": 2}}, "status")
    assert STRATEGY.selectable(obj) == {"status.successful": "2"}
