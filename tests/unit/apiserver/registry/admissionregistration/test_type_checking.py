"""Fields that do not exist are told in a policy's status, as Kubernetes tells them."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.admissionregistration.type_checking import status


def checked(expression: str, *resources: str, group: str = "apps", **more: str) -> list[dict[str, Any]]:
    rule = {"apiGroups": [group], "apiVersions": ["v1"], "resources": list(resources or ["deployments"])}
    row = {"expression": expression, **more}
    spec = {"matchConstraints": {"resourceRules": [rule]}, "validations": [row]}
    found = status({"metadata": {"generation": 3}, "spec": spec})
    assert found["observedGeneration"] == 3
    return found["typeChecking"].get("expressionWarnings", [])


def test_a_field_that_is_not_there() -> None:
    assert checked("object.foo > 1") == [{
        "fieldRef": "spec.validations[0].expression",
        "warning": "apps/v1, Kind=Deployment: ERROR: <input>:1:7: undefined field 'foo'\n"
                   " | object.foo > 1\n | ......^\n",
    }]  # fmt: skip


@pytest.mark.parametrize(("expression", "why"), [
    ("true &&\n oldObject.spec.replica > 1", "<input>:2:16: undefined field 'replica'"),
    ("object.spec.replicas.x > 1", "<input>:1:21: type 'int' does not support field selection"),
    ("has(object.spec.template.spec.container)", "undefined field 'container'"),
])  # fmt: skip
def test_where_and_why(expression: str, why: str) -> None:
    (warning,) = checked(expression)
    assert why in warning["warning"]


@pytest.mark.parametrize("expression", [
    "object.spec.replicas <= 5", "object.metadata.labels.anything == 'x'", "'object.foo' == 'a'", "params.foo == 1",
    "object.spec.template.spec.containers.all(c, c.anything)", "object.metadata.name.startsWith('a')",
    "variables.object.foo", "request.object.foo",
])  # fmt: skip
def test_nothing_to_tell(expression: str) -> None:
    assert checked(expression) == []


def test_each_kind_that_is_spelt_out_and_each_expression() -> None:
    (both,) = checked("object.spec.replicas > 1", "daemonsets", "deployments", "*/scale")
    assert both["warning"].startswith("apps/v1, Kind=DaemonSet: ERROR") and "Deployment" not in both["warning"]
    assert checked("object.foo", "*") == [] and checked("object.foo", "rods", group="example.com") == []
    (message,) = checked("true", messageExpression="object.bar")
    assert message["fieldRef"] == "spec.validations[0].messageExpression"
