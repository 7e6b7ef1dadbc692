"""Validating admission policies and their bindings: defaults, every mistake, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.admissionregistration.validating_admission_policy import ValidatingAdmissionPolicyStrategy
from apiserver.registry.admissionregistration.validating_admission_policy_binding import (
    ValidatingAdmissionPolicyBindingStrategy,
)
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

POLICY, BINDING = ValidatingAdmissionPolicyStrategy(), ValidatingAdmissionPolicyBindingStrategy()
GOOD, BOUND = sample("ValidatingAdmissionPolicy").document(), sample("ValidatingAdmissionPolicyBinding").document()


def test_defaults() -> None:
    spec = created(POLICY, GOOD)["spec"]
    assert spec["failurePolicy"] == "Fail" and spec["matchConstraints"]["matchPolicy"] == "Equivalent"
    assert spec["matchConstraints"]["namespaceSelector"] == {} == spec["matchConstraints"]["objectSelector"]
    assert spec["matchConstraints"]["resourceRules"][0]["scope"] == "*"
    assert created(BINDING, changed(BOUND, "spec.matchResources", {}))["spec"]["matchResources"]["matchPolicy"]


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.failurePolicy", "X", 'spec.failurePolicy: Unsupported value: "X": supported values: "Fail", "Ignore"'),
        ("spec.matchConstraints", None, "spec.matchConstraints: Required value"),
        ("spec.matchConstraints", {}, "spec.matchConstraints.resourceRules: Required value"),
        ("spec.matchConstraints.matchPolicy", "X", 'spec.matchConstraints.matchPolicy: Unsupported value: "X"'),
        (
            "spec.matchConstraints.resourceRules.0.resourceNames", ["a/b", "c", "c"],
            "spec.matchConstraints.resourceRules[0].resourceNames[0]: Invalid value: \"a/b\": may not contain '/'",
        ),
        (
            "spec.matchConstraints.resourceRules.0.resourceNames", ["c", "c"],
            'spec.matchConstraints.resourceRules[0].resourceNames[1]: Duplicate value: "c"',
        ),
        ("spec.matchConstraints.excludeResourceRules", [{}], "spec.matchConstraints.excludeResourceRules[0].operation"),
        ("spec.paramKind", {"kind": "A"}, "spec.paramKind.apiVersion: Required value"),
        ("spec.paramKind", {"apiVersion": "a/b/c", "kind": "A"}, 'spec.paramKind.apiVersion: Invalid value: "a/b/c":'),
        ("spec.paramKind", {"apiVersion": "a/", "kind": "A"}, 'spec.paramKind.apiVersion: Invalid value: "a/": versio'),
        ("spec.paramKind", {"apiVersion": "A/v1", "kind": "A"}, 'spec.paramKind.apiVersion: Invalid value: "A": a low'),
        ("spec.paramKind", {"apiVersion": "v1"}, "spec.paramKind.kind: Required value"),
        ("spec.paramKind", {"apiVersion": "v1", "kind": "a.b"}, 'spec.paramKind.kind: Invalid value: "a.b": may have'),
        ("spec.variables", [{"name": " "}], "spec.variables[0].name: Required value: name is not specified"),
        ("spec.variables", [{"name": "in", "expression": "1"}], 'spec.variables[0].name: Invalid value: "in": name is'),
        ("spec.variables", [{"name": "a"}], "spec.variables[0].expression: Required value: expression is not specifie"),
        ("spec.validations", [], "spec.validations: Required value: validations or auditAnnotations must contain at l"),
        ("spec.validations.0.expression", " ", "spec.validations[0].expression: Required value: expression is not spe"),
        ("spec.validations.0.message", " ", 'spec.validations[0].message: Invalid value: " ": message must be non-emp'),
        ("spec.validations.0.message", "a\nb", 'spec.validations[0].message: Invalid value: "a\\nb": message must not'),
        ("spec.validations.0.messageExpression", " ", 'spec.validations[0].messageExpression: Invalid value: " ": mus'),
        ("spec.validations.0.reason", "Odd", 'spec.validations[0].reason: Unsupported value: "Odd"'),
        ("spec.auditAnnotations", [{"key": "a"}], "spec.auditAnnotations[0].valueExpression: Required value: valueExp"),
        (
            "spec.auditAnnotations", [{"key": "a", "valueExpression": "x" * 6000}],
            "spec.auditAnnotations[0].valueExpression: Required value: must not exceed 5120 bytes in length",
        ),
        (
            "spec.auditAnnotations", [{"key": "a", "valueExpression": "x"}] * 2,
            'spec.auditAnnotations[1].key: Duplicate value: "a"',
        ),
        (
            "spec.auditAnnotations", [{"key": "a b", "valueExpression": "x"}],
            'spec.auditAnnotations[0].key: Invalid value: "sample/a b": name part must consist of',
        ),
        (
            "spec.auditAnnotations", [{"key": f"a{n}", "valueExpression": "x"} for n in range(21)],
            "spec.auditAnnotations: Invalid value: ",
        ),
    ],
)  # fmt: skip
def test_mistakes(path: str, value: Any, expected: str) -> None:
    assert errors_of(POLICY, GOOD) == []
    found = errors_of(POLICY, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found), found


def test_status() -> None:
    old = created(POLICY, GOOD)
    told = {**old, "status": {"typeChecking": {"expressionWarnings": [{}]}, "conditions": [{"type": "Ready"}]}}
    fields = [error.split(": ")[0] for error in update_errors_of(POLICY, old, told, "status")]
    assert fields == [
        "status.typeChecking.expressionWarnings[0].warning", "status.typeChecking.expressionWarnings[0].fieldRef",
        "status.conditions[0].status", "status.conditions[0].lastTransitionTime", "status.conditions[0].reason",
    ]  # fmt: skip


BOTH = {"name": "a", "selector": {}, "parameterNotFoundAction": "Deny"}


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.policyName", "", "spec.policyName: Required value"),
        ("spec.policyName", "A", 'spec.policyName: Invalid value: "A"'),
        ("spec.paramRef", BOTH, "spec.paramRef.name: Forbidden: name and selector are mutually exclusive"),
        ("spec.paramRef", BOTH, "spec.paramRef.selector: Forbidden: name and selector are mutually exclusive"),
        ("spec.paramRef", {}, "spec.paramRef: Required value: one of name or selector must be specified"),
        ("spec.paramRef", {"name": "a"}, "spec.paramRef.parameterNotFoundAction: Required value"),
        (
            "spec.paramRef", {"name": "a/b", "parameterNotFoundAction": "X"},
            'spec.paramRef.parameterNotFoundAction: Unsupported value: "X": supported values: "Deny", "Allow"',
        ),
        ("spec.validationActions", [], "spec.validationActions: Required value: at least one validation action is req"),
        ("spec.validationActions", ["X"], 'spec.validationActions[0]: Unsupported value: "X": supported values: "Audi'),
        ("spec.validationActions", ["Deny"] * 2, 'spec.validationActions[1]: Duplicate value: "Deny"'),
        ("spec.validationActions", ["Deny", "Warn"], 'spec.validationActions: Invalid value: ["Deny","Warn"]: must no'),
        ("spec.matchResources", {"matchPolicy": "X"}, 'spec.matchResouces.matchPolicy: Unsupported value: "X"'),
    ],
)
def test_mistakes_in_bindings(path: str, value: Any, expected: str) -> None:
    assert errors_of(BINDING, BOUND) == []
    found = errors_of(BINDING, changed(BOUND, path, value))
    assert any(error.startswith(expected) for error in found), found


def test_rows() -> None:
    assert row_of(POLICY, GOOD)[1:] == [1, "<unset>", "2m34s"]
    kind = {"apiVersion": "v1", "kind": "ConfigMap"}
    assert row_of(POLICY, changed(GOOD, "spec.paramKind", kind))[2] == "v1/ConfigMap"
    assert row_of(BINDING, BOUND)[1:3] == ["p", "<unset>"]
    for reference, cell in (
        ({"name": "a"}, "*/a"),
        ({"name": "a", "namespace": "n"}, "n/a"),
        ({"selector": {"matchLabels": {"a": "b"}}}, "a=b"),
    ):  # fmt: skip
        assert row_of(BINDING, changed(BOUND, "spec.paramRef", reference))[2] == cell
