"""Webhook configurations: defaults, every mistake, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.admissionregistration.webhook_configuration import (
    MutatingWebhookConfigurationStrategy,
    ValidatingWebhookConfigurationStrategy,
)
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

VALIDATING, MUTATING = ValidatingWebhookConfigurationStrategy(), MutatingWebhookConfigurationStrategy()
GOOD = sample("MutatingWebhookConfiguration").document()
CLIENT, PATH = "webhooks.0.clientConfig", "webhooks[0].clientConfig"


def test_defaults() -> None:
    hook = created(MUTATING, GOOD)["webhooks"][0]
    assert hook["failurePolicy"] == "Fail" and hook["matchPolicy"] == "Equivalent" and hook["timeoutSeconds"] == 10
    assert hook["namespaceSelector"] == {} == hook["objectSelector"] and hook["reinvocationPolicy"] == "Never"
    assert hook["rules"][0]["scope"] == "*" and hook["clientConfig"]["service"]["port"] == 443
    assert "reinvocationPolicy" not in created(VALIDATING, GOOD | {"kind": VALIDATING.kind})["webhooks"][0]


RULE = "webhooks.0.rules.0"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("webhooks.0.name", "", "webhooks[0].name: Required value"),
        ("webhooks.0.name", "a.b", 'webhooks[0].name: Invalid value: "a.b": should be a domain with at least three'),
        ("webhooks.0.name", "A", 'webhooks[0].name: Invalid value: "A": a lowercase RFC 1123 subdomain'),
        ("webhooks.0.failurePolicy", "X", 'webhooks[0].failurePolicy: Unsupported value: "X": supported values: "Fail'),
        ("webhooks.0.matchPolicy", "X", 'webhooks[0].matchPolicy: Unsupported value: "X": supported values: "Equiv'),
        ("webhooks.0.reinvocationPolicy", "X", 'webhooks[0].reinvocationPolicy: Unsupported value: "X"'),
        ("webhooks.0.sideEffects", None, "webhooks[0].sideEffects: Required value: must specify one of None, NoneOnDr"),
        ("webhooks.0.sideEffects", "Some", 'webhooks[0].sideEffects: Unsupported value: "Some": supported values: "No'),
        (
            "webhooks.0.timeoutSeconds", 31,
            "webhooks[0].timeoutSeconds: Invalid value: 31: the timeout value must be between 1 and 30 seconds",
        ),
        (
            "webhooks.0.admissionReviewVersions", [],
            "webhooks[0].admissionReviewVersions: Required value: must specify one of v1, v1beta1",
        ),
        (
            "webhooks.0.admissionReviewVersions", ["v9"],
            'webhooks[0].admissionReviewVersions: Invalid value: ["v9"]: must include at least one of v1, v1beta1',
        ),
        (
            "webhooks.0.admissionReviewVersions", ["v1", "v1"],
            'webhooks[0].admissionReviewVersions[1]: Invalid value: "v1": duplicate version',
        ),
        (CLIENT, {}, f"{PATH}: Required value: exactly one of url or service is required"),
        (CLIENT, {"url": "http://a"}, f"{PATH}.url: Invalid value: \"http\": 'https' is the only allowed URL scheme;"),
        (CLIENT, {"url": "https://"}, f'{PATH}.url: Invalid value: "": host must be specified; desired format'),
        (CLIENT, {"url": "https://u@a"}, f'{PATH}.url: Invalid value: "u": user information is not permitted in the U'),
        (CLIENT, {"url": "https://a#b"}, f'{PATH}.url: Invalid value: "b": fragments are not permitted in the URL'),
        (CLIENT, {"url": "https://a?b"}, f'{PATH}.url: Invalid value: "b": query parameters are not permitted in the'),
        (f"{CLIENT}.service.name", "", f"{PATH}.service.name: Required value: service name is required"),
        (f"{CLIENT}.service.namespace", "", f"{PATH}.service.namespace: Required value: service namespace is required"),
        (f"{CLIENT}.service.port", 0, f"{PATH}.service.port: Invalid value: 0: port is not valid: must be between"),
        (f"{CLIENT}.service.path", "x", f"{PATH}.service.path: Invalid value: \"x\": must start with a '/'"),
        (f"{CLIENT}.service.path", "/a//b", f'{PATH}.service.path: Invalid value: "/a//b": segment[1] may not be empt'),
        (f"{CLIENT}.service.path", "/A", f'{PATH}.service.path: Invalid value: "/A": segment[0]: a lowercase RFC 1123'),
        (f"{RULE}.operations", [], "webhooks[0].rules[0].operations: Required value"),
        (f"{RULE}.operations", ["READ"], 'webhooks[0].rules[0].operations[0]: Unsupported value: "READ": supported va'),
        (
            f"{RULE}.operations", ["*", "CREATE"],
            "webhooks[0].rules[0].operations: Invalid value: [\"*\",\"CREATE\"]: if '*' is present, must not specify o",
        ),
        (f"{RULE}.apiGroups", [], "webhooks[0].rules[0].apiGroups: Required value"),
        (f"{RULE}.apiVersions", [""], "webhooks[0].rules[0].apiVersions[0]: Required value"),
        (f"{RULE}.resources", [], "webhooks[0].rules[0].resources: Required value"),
        (
            f"{RULE}.resources", ["pods/*", "pods/log"],
            "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/log\": if 'pods/*' is present, must not specify",
        ),
        (
            f"{RULE}.resources", ["*/log", "pods/log"],
            "webhooks[0].rules[0].resources[1]: Invalid value: \"pods/log\": if '*/log' is present, must not specify p",
        ),
        (
            f"{RULE}.resources", ["*/*", "pods"],
            "webhooks[0].rules[0].resources: Invalid value: [\"*/*\",\"pods\"]: if '*/*' is present, must not specify",
        ),
        (
            f"{RULE}.resources", ["*", "pods"],
            "webhooks[0].rules[0].resources: Invalid value: [\"*\",\"pods\"]: if '*' is present, must not specify othe",
        ),
        (f"{RULE}.scope", "Odd", 'webhooks[0].rules[0].scope: Unsupported value: "Odd": supported values: "*", "Clust'),
        ("webhooks.0.namespaceSelector", {"matchLabels": {"a b": ""}}, "webhooks[0].namespaceSelector.matchLabels"),
        ("webhooks.0.matchConditions", [{"name": "a"}], "webhooks[0].matchConditions[0].expression: Required value"),
        ("webhooks.0.matchConditions", [{"expression": "1"}], "webhooks[0].matchConditions[0].name: Required value"),
        (
            "webhooks.0.matchConditions", [{"name": "a", "expression": "true"}] * 2,
            'webhooks[0].matchConditions[1].name: Duplicate value: "a"',
        ),
        (
            "webhooks.0.matchConditions", [{"name": f"a{n}", "expression": "true"} for n in range(65)],
            "webhooks[0].matchConditions: Too many: 65: must have at most 64 items",
        ),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    assert errors_of(MUTATING, GOOD) == []
    found = errors_of(MUTATING, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found), found


def test_names_are_unique_also_in_updates() -> None:
    old = created(MUTATING, GOOD)
    twice = {**GOOD, "webhooks": GOOD["webhooks"] * 2}
    assert update_errors_of(MUTATING, old, twice) == ['webhooks[1].name: Duplicate value: "check.example.com"']


def test_rows() -> None:
    assert row_of(MUTATING, GOOD)[1:] == [1, "2m34s"] == row_of(VALIDATING, GOOD | {"kind": VALIDATING.kind})[1:]
