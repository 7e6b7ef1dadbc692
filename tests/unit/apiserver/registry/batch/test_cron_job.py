"""CronJob: defaults, every mistake, its row."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.batch.cron_job import CronJobStrategy
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of, updated

STRATEGY = CronJobStrategy()
TEMPLATE = {"spec": {"restartPolicy": "OnFailure", "containers": [{"name": "c", "image": "i:1"}]}}
GOOD: dict[str, Any] = {"spec": {"schedule": "*/5 * * * *", "jobTemplate": {"spec": {"template": TEMPLATE}}}}


def test_defaults() -> None:
    spec = created(STRATEGY, GOOD)["spec"]
    job = spec.pop("jobTemplate")["spec"]
    assert spec == {
        "schedule": "*/5 * * * *", "concurrencyPolicy": "Allow", "suspend": False, "successfulJobsHistoryLimit": 3,
        "failedJobsHistoryLimit": 1,
    }  # fmt: skip
    assert set(job) == {"template"} and job["template"]["spec"]["dnsPolicy"] == "ClusterFirst"
    assert errors_of(STRATEGY, GOOD) == []


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.schedule", None, "spec.schedule: Required value"),
        ("spec.schedule", "often", 'Invalid value: "often": expected exactly 5 fields, found 1: [often]'),
        ("spec.schedule", "TZ=UTC 0 * * * *", "cannot use TZ or CRON_TZ in schedule, use timeZone field instead"),
        ("spec.timeZone", "", "timeZone must be nil or non-empty string"),
        ("spec.timeZone", "Mars/Olympus", 'Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus'),
        ("spec.timeZone", "../etc", "unknown time zone ../etc"),
        ("spec.timeZone", "Local", "timeZone must be an explicit time zone"),
        ("spec.startingDeadlineSeconds", -1, "spec.startingDeadlineSeconds: Invalid value: -1"),
        ("spec.successfulJobsHistoryLimit", -1, "spec.successfulJobsHistoryLimit: Invalid value: -1"),
        ("spec.failedJobsHistoryLimit", -1, "spec.failedJobsHistoryLimit: Invalid value: -1"),
        ("spec.concurrencyPolicy", "Sometimes", 'spec.concurrencyPolicy: Unsupported value: "Sometimes"'),
        ("spec.jobTemplate.spec.parallelism", -1, "spec.jobTemplate.spec.parallelism: Invalid value: -1"),
        ("spec.jobTemplate.spec.selector", {}, "`selector` will be auto-generated"),
        ("spec.jobTemplate.spec.manualSelector", True, "spec.jobTemplate.spec.manualSelector: Unsupported value: true"),
        ("spec.jobTemplate.spec.template.spec.restartPolicy", None, 'valid values: "OnFailure", "Never"'),
        ("metadata.name", "x" * 53, "must be no more than 52 characters"),
    ],
)
def test_mistakes(path: str, value: Any, expected: str) -> None:
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert len(found) == 1 and expected in found[0], found


def test_updates() -> None:
    old = created(STRATEGY, changed(GOOD, "metadata.name", "x" * 53))
    new = changed(old, "spec.schedule", "@daily")
    assert update_errors_of(STRATEGY, old, new) == []
    assert updated(STRATEGY, old, new)["metadata"]["generation"] == 2
    assert "unknown time zone" in update_errors_of(STRATEGY, old, changed(old, "spec.timeZone", "Nowhere"))[0]


def test_row() -> None:
    assert row_of(STRATEGY, GOOD) == [
        "x", "*/5 * * * *", "<none>", "<unset>", 0, "<none>", "2m34s", "c", "i:1", "<none>",
    ]  # fmt: skip
    status = {"active": [{"name": "a"}], "lastScheduleTime": "2026-01-01T00:59:30Z"}
    obj = changed({**created(STRATEGY, GOOD), "status": status}, "spec.timeZone", "Europe/Berlin")
    assert row_of(STRATEGY, obj)[2:6] == ["Europe/Berlin", "False", 1, "30s"]
