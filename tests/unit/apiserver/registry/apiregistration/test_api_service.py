"""APIService: what is local is available, every mistake, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.apiregistration.api_service import APIServiceStrategy
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

STRATEGY = APIServiceStrategy()
GOOD = sample("APIService").document()
LOCAL = changed(GOOD, "spec.service", None)


def test_defaults() -> None:
    assert created(STRATEGY, GOOD)["spec"]["service"]["port"] == 443 and created(STRATEGY, GOOD)["status"] == {}
    (available,) = created(STRATEGY, LOCAL)["status"]["conditions"]
    assert (available["type"], available["status"], available["reason"]) == ("Available", "True", "Local")


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.group", "x.io", 'metadata.name: Invalid value: "v1.m.example.com": must be `spec.version+"."+spec.grou'),
        ("spec.version", "V", 'spec.version: Invalid value: "V": a DNS-1035 label'),
        ("spec.groupPriorityMinimum", 0, "spec.groupPriorityMinimum: Invalid value: 0: must be positive and less than"),
        ("spec.versionPriority", 1001, "spec.versionPriority: Invalid value: 1001: must be positive and less than 100"),
        ("spec.service.name", "", "spec.service.name: Required value"),
        ("spec.service.namespace", "", "spec.service.namespace: Required value"),
        ("spec.service.port", 0, "spec.service.port: Invalid value: 0: port is not valid: must be between 1 and 65535"),
        (
            "spec", {**GOOD["spec"], "insecureSkipTLSVerify": True, "caBundle": "aGk="},
            "spec.insecureSkipTLSVerify: Invalid value: true: may not be true if caBundle is present",
        ),
        (
            "spec", {**LOCAL["spec"], "caBundle": "aGk="},
            'spec.caBundle: Invalid value: "3 bytes": local APIServices may not have a caBundle',
        ),
        (
            "spec", {**LOCAL["spec"], "insecureSkipTLSVerify": True},
            "spec.insecureSkipTLSVerify: Invalid value: true: local APIServices may not have insecureSkipTLSVerify",
        ),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    assert errors_of(STRATEGY, GOOD) == [] == errors_of(STRATEGY, LOCAL)
    found = errors_of(STRATEGY, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found), found


def test_only_the_legacy_group_has_no_name() -> None:
    spec = {"version": "v1", "groupPriorityMinimum": 1, "versionPriority": 1}
    assert errors_of(STRATEGY, {"metadata": {"name": "v1."}, "spec": spec}) == []
    assert errors_of(STRATEGY, {"metadata": {"name": "v2."}, "spec": {**spec, "version": "v2"}}) == [
        "spec.group: Required value: only v1 may have an empty group and it better be legacy kube"
    ]


def test_status_and_rows() -> None:
    old = created(STRATEGY, GOOD)
    odd = {**old, "status": {"conditions": [{"type": "Available", "status": "Odd"}]}}
    assert update_errors_of(STRATEGY, old, odd, "status") == [
        'status.conditions[0].status: Unsupported value: "Odd": supported values: "True", "False", "Unknown"'
    ]
    assert row_of(STRATEGY, old)[1:] == ["default/m", "Unknown", "2m34s"]
    assert row_of(STRATEGY, created(STRATEGY, LOCAL))[1:3] == ["Local", "True"]
    gone = {**old, "status": {"conditions": [{"type": "Available", "status": "False", "reason": "MissingEndpoints"}]}}
    assert row_of(STRATEGY, gone)[2] == "False (MissingEndpoints)"
