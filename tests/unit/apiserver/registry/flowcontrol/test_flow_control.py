"""Flow schemas and priority levels: defaults, every mistake, what nobody may change, rows."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.registry.flowcontrol.flow_schema import FlowSchemaStrategy
from apiserver.registry.flowcontrol.mandatory import FLOW_SCHEMAS, PRIORITY_LEVELS
from apiserver.registry.flowcontrol.priority_level_configuration import PriorityLevelConfigurationStrategy
from tests.support.cluster_samples import sample
from tests.support.registry import changed, created, errors_of, row_of, update_errors_of

SCHEMA, LEVEL = FlowSchemaStrategy(), PriorityLevelConfigurationStrategy()
RESOURCES = {"verbs": ["get"], "apiGroups": [""], "resources": ["pods"], "namespaces": ["*"]}
RULE = {"subjects": [{"kind": "Group", "group": {"name": "g"}}], "resourceRules": [RESOURCES]}
GOOD = changed(sample("FlowSchema").document(), "spec.rules", [RULE])
LIMITED = sample("PriorityLevelConfiguration").document()
QUEUING = "spec.limited.limitResponse.queuing"


def test_defaults() -> None:
    assert created(SCHEMA, GOOD)["spec"]["matchingPrecedence"] == 1000
    made = created(LEVEL, LIMITED)["spec"]["limited"]
    assert made == {
        "nominalConcurrencyShares": 30, "lendablePercent": 0,
        "limitResponse": {"type": "Queue", "queuing": {"queues": 64, "handSize": 8, "queueLengthLimit": 50}},
    }  # fmt: skip
    zero = {"spec": {"type": "Exempt", "exempt": {}}}
    assert created(LEVEL, zero)["spec"]["exempt"] == {"nominalConcurrencyShares": 0, "lendablePercent": 0}


@pytest.mark.parametrize("name", ["exempt", "catch-all"])
def test_the_mandatory_ones(name: str) -> None:
    for strategy, table in ((SCHEMA, FLOW_SCHEMAS), (LEVEL, PRIORITY_LEVELS)):
        assert errors_of(strategy, {"metadata": {"name": name}, "spec": table[name]}) == []
    other = {"metadata": {"name": "catch-all"}, "spec": {**FLOW_SCHEMAS["catch-all"], "matchingPrecedence": 5}}
    assert errors_of(SCHEMA, other)[0].endswith("spec of 'catch-all' must equal the fixed value")


R, S = "spec.rules.0.resourceRules.0", "spec.rules.0.subjects.0"
RP, SP = "spec.rules[0].resourceRules[0]", "spec.rules[0].subjects[0]"


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.matchingPrecedence", -1, "spec.matchingPrecedence: Invalid value: -1: must be a positive value"),
        ("spec.matchingPrecedence", 10001, "spec.matchingPrecedence: Invalid value: 10001: must not be greater than 1"),
        ("spec.matchingPrecedence", 1, "spec.matchingPrecedence: Invalid value: 1: only the schema named 'exempt' may"),
        ("spec.distinguisherMethod", {"type": "X"}, 'spec.distinguisherMethod.type: Unsupported value: "X"'),
        ("spec.priorityLevelConfiguration.name", "", "spec.priorityLevelConfiguration.name: Required value: must refe"),
        ("spec.priorityLevelConfiguration.name", "A", 'spec.priorityLevelConfiguration.name: Invalid value: "A"'),
        ("spec.rules.0.subjects", [], "spec.rules[0].subjects: Required value: subjects must contain at least one val"),
        ("spec.rules.0.resourceRules", [], "spec.rules[0]: Required value: at least one of resourceRules and nonResou"),
        (f"{S}.kind", "X", f'{SP}.kind: Unsupported value: "X": supported values: "Group", "ServiceAccount", "User"'),
        (f"{S}.group", None, f"{SP}.group: Required value: group is required when subject kind is 'Group'"),
        (f"{S}.group.name", "", f"{SP}.group.name: Required value"),
        (f"{S}.user", {"name": "a"}, f"{SP}.user: Forbidden: user is forbidden when subject kind is not 'User'"),
        (
            S, {"kind": "ServiceAccount", "serviceAccount": {"name": "a"}},
            f"{SP}.serviceAccount.namespace: Required value: must specify namespace for service account",
        ),
        (
            S, {"kind": "ServiceAccount", "serviceAccount": {"name": "A", "namespace": "n"}},
            f'{SP}.serviceAccount.name: Invalid value: "A"',
        ),
        (f"{R}.verbs", [], f"{RP}.verbs: Required value: verbs must contain at least one value"),
        (f"{R}.verbs", ["*", "get"], f"{RP}.verbs: Invalid value: [\"*\",\"get\"]: if '*' is present, must not specif"),
        (f"{R}.verbs", ["fetch"], f'{RP}.verbs: Unsupported value: ["fetch"]: supported values: "create"'),
        (f"{R}.apiGroups", [], f"{RP}.apiGroups: Required value: resource rules must supply at least one api group"),
        (f"{R}.resources", [], f"{RP}.resources: Required value: resource rules must supply at least one resource"),
        (f"{R}.namespaces", [], f"{RP}.namespaces: Required value: resource rules that are not cluster scoped must su"),
        (f"{R}.namespaces", ["A"], f"{RP}.namespaces[0]: Invalid value: \"A\": each member of this list must be '*' o"),
    ],
)  # fmt: skip
def test_mistakes_in_schemas(path: str, value: Any, expected: str) -> None:
    assert errors_of(SCHEMA, GOOD) == []
    found = errors_of(SCHEMA, changed(GOOD, path, value))
    assert any(error.startswith(expected) for error in found), found


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("", "must not be empty"), ("x", "must start with slash"), ("/a b", "must not contain white-space"),
        ("/a//b", "must not contain double slash"), ("/a*", "wildcard can only do suffix matching"),
        ("/", ""), ("/a/*", ""),
    ],
)  # fmt: skip
def test_paths(url: str, expected: str) -> None:
    rule = {**RULE, "nonResourceRules": [{"verbs": ["get"], "nonResourceURLs": [url]}]}
    found = errors_of(SCHEMA, changed(GOOD, "spec.rules", [rule]))
    assert [error.rpartition(": ")[2] for error in found] == ([expected] if expected else [])


@pytest.mark.parametrize(
    ("path", "value", "expected"),
    [
        ("spec.type", "X", 'spec.type: Unsupported value: "X": supported values: "Exempt", "Limited"'),
        ("spec.type", "Exempt", "spec.type: Invalid value: \"Exempt\": type must be 'Exempt' if and only if name is"),
        ("spec.limited", None, "spec.limited: Required value: must not be empty when type is Limited"),
        ("spec.exempt", {}, "spec.exempt: Forbidden: must be nil if the type is Limited"),
        (
            "spec.limited.nominalConcurrencyShares", -1,
            "spec.limited.nominalConcurrencyShares: Invalid value: -1: must be a non-negative integer",
        ),
        (
            "spec.limited.lendablePercent", 101,
            "spec.limited.lendablePercent: Invalid value: 101: must be between 0 and 100, inclusive",
        ),
        (
            "spec.limited.borrowingLimitPercent", -1,
            "spec.limited.borrowingLimitPercent: Invalid value: -1: if specified, must be a non-negative integer",
        ),
        ("spec.limited.limitResponse.type", "X", 'spec.limited.limitResponse.type: Unsupported value: "X"'),
        ("spec.limited.limitResponse.type", "Reject", f"{QUEUING}: Forbidden: must be nil if limited.limitResponse.ty"),
        (QUEUING, None, f"{QUEUING}: Required value: must not be empty if limited.limitResponse.type is Limited"),
        (QUEUING, {"queues": -1}, f"{QUEUING}.queues: Invalid value: -1: must be positive"),
        (QUEUING, {"queues": 20_000_000}, f"{QUEUING}.queues: Invalid value: 20000000: must not be greater than 10000"),
        (QUEUING, {"queues": 4, "handSize": 5}, f"{QUEUING}.handSize: Invalid value: 5: should not be greater than qu"),
        (
            QUEUING, {"queues": 10_000_000, "handSize": 3},
            f"{QUEUING}.handSize: Invalid value: 3: required entropy bits of deckSize 10000000 and handSize 3 should n",
        ),
    ],
)  # fmt: skip
def test_mistakes_in_levels(path: str, value: Any, expected: str) -> None:
    assert errors_of(LEVEL, LIMITED) == []
    found = errors_of(LEVEL, changed(LIMITED, path, value))
    assert any(error.startswith(expected) for error in found), found


def test_status() -> None:
    old = created(SCHEMA, GOOD)
    told = {**old, "status": {"conditions": [{"type": ""}, {"type": "A"}, {"type": "A"}]}}
    assert update_errors_of(SCHEMA, old, told, "status") == [
        'status.conditions[2].type: Duplicate value: "A"',
        "status.conditions[0].type: Required value: must not be empty",
    ]


def test_rows() -> None:
    status = {"conditions": [{"type": "Dangling", "status": "False"}]}
    given = {**changed(GOOD, "spec.distinguisherMethod", {"type": "ByUser"}), "status": status}
    assert row_of(SCHEMA, given)[1:] == ["low", 0, "ByUser", "2m34s", "False"]
    assert row_of(SCHEMA, GOOD)[3:] == ["<none>", "2m34s", "?"]
    assert row_of(LEVEL, created(LEVEL, LIMITED))[1:] == ["Limited", 30, 64, 8, 50, "2m34s"]
    assert row_of(LEVEL, {"spec": {"type": "Exempt"}})[1:6] == ["Exempt", "<none>", "<none>", "<none>", "<none>"]
