"""CEL rules of schemas: what they see, what they say, and that they end."""

from __future__ import annotations

import time
from typing import Any

import pytest

from apiserver.apiextensions import rules
from apiserver.apiextensions.structural import structural

TEXT, WHOLE = {"type": "string"}, {"type": "integer"}
PARTS = {
    "type": "array", "x-kubernetes-list-type": "map", "x-kubernetes-list-map-keys": ["name"],
    "items": {"type": "object", "properties": {"name": TEXT, "count": WHOLE},
              "x-kubernetes-validations": [{"rule": "self.count >= oldSelf.count", "message": "only more"}]},
}  # fmt: skip
FIELDS = {"a": WHOLE, "b": WHOLE, "text": TEXT, "foo-bar": WHOLE, "namespace": TEXT, "ratio": {"type": "number"},
          "parts": PARTS, "labels": {"type": "object", "additionalProperties": TEXT}}  # fmt: skip


def told(rule: Any, new: dict[str, Any], old: dict[str, Any] | None = None) -> list[str]:
    given = rule if isinstance(rule, dict) else {"rule": rule}
    spec = {"type": "object", "properties": FIELDS, "x-kubernetes-validations": [given]}
    schema = structural({"type": "object", "properties": {"spec": spec}})
    before = None if old is None else {"spec": old}
    return [str(error) for error in rules.errors({"spec": new}, before, schema)]


@pytest.mark.parametrize(("rule", "value"), [
    ("self.a < self.b", {"a": 1, "b": 2}), ("!has(self.a) || self.a > 0", {}),
    ("self.ratio * 2.0 == 2.0", {"ratio": 1}),
    ("self.foo__dash__bar == 3", {"foo-bar": 3}), ("self.__namespace__ == 'x'", {"namespace": "x"}),
    ("self.labels.all(k, k.startsWith('x'))", {"labels": {"xa": "1", "x-b": "2"}}),
    ("self.parts.exists(p, p.name == 'n')", {"parts": [{"name": "n", "count": 1}]}),
    ("self.text.matches('^a+$')", {"text": "aa"}),
])  # fmt: skip
def test_holds(rule: str, value: dict[str, Any]) -> None:
    assert told(rule, value) == []


def test_what_a_broken_rule_says() -> None:
    assert told("self.a > 1", {"a": 1}) == ['spec: Invalid value: "object": failed rule: self.a > 1']
    said = {"rule": "self.a > 1", "message": "a is small", "fieldPath": ".a"}
    assert told(said, {"a": 1}) == ['spec.a: Invalid value: "object": a is small']
    made = said | {"messageExpression": "'a is ' + string(self.a)", "reason": "FieldValueForbidden"}
    assert told(made, {"a": 1}) == ["spec.a: Forbidden: a is 1"]
    unusable = said | {"messageExpression": "string(self.b)"}
    assert told(unusable, {"a": 1}) == ['spec.a: Invalid value: "object": a is small']
    assert told("self.b > 1", {"a": 1}) == [
        'spec: Invalid value: "object": no such key: b evaluating rule: failed rule: self.b > 1'
    ]


def test_transitions() -> None:
    fixed = {"rule": "self.text == oldSelf.text", "message": "text is fixed"}
    assert told(fixed, {"text": "new"}) == []
    assert told(fixed, {"text": "new"}, {"text": "old"}) == ['spec: Invalid value: "object": text is fixed']
    parts = [{"name": "y", "count": 1}, {"name": "x", "count": 1}]
    assert told("true", {"parts": parts}, {"parts": [{"name": "x", "count": 2}]}) == [
        'spec.parts[1]: Invalid value: "object": only more'
    ]


def test_an_optional_old_value() -> None:
    first = {"rule": "oldSelf.hasValue() || self.a == 0", "optionalOldSelf": True, "message": "starts at 0"}
    assert told(first, {"a": 1}) == ['spec: Invalid value: "object": starts at 0']
    assert told(first, {"a": 0}) == []
    assert told(first, {"a": 1}, {"a": 0}) == []


def test_rules_end() -> None:
    parts = [{"name": str(n), "count": n} for n in range(2000)]
    began = time.process_time()
    found = told("self.parts.all(p, self.parts.all(q, self.parts.all(r, p.count + q.count + r.count >= 0)))",
                 {"parts": parts})  # fmt: skip
    assert len(found) == 1
    assert time.process_time() - began < 5


@pytest.mark.parametrize(("rule", "why"), [
    ({"rule": ""}, "rule is not specified"), ({"rule": "self ="}, "compilation failed"),
    ({"rule": "'text'"}, "must evaluate to a bool"), ({"rule": "nobody"}, "compilation failed"),
    ({"rule": "true", "messageExpression": "1"}, "must evaluate to a string"),
    ({"rule": "true\n|| true"}, "message must be specified if rule contains line breaks"),
])  # fmt: skip
def test_rules_that_are_none(rule: dict[str, Any], why: str) -> None:
    (error,) = rules.compile_errors(rule, "rules[0]")
    assert why in str(error)


def test_a_rule_that_was_broken_before_is_no_reason_to_refuse_what_stays() -> None:
    """But who asks for the old value is heard in any case."""
    part = {"type": "object", "properties": {"n": WHOLE}, "x-kubernetes-validations": [{"rule": "self.n < 3"}]}
    fixed = WHOLE | {"x-kubernetes-validations": [{"rule": "self > 100 || oldSelf > 100"}]}
    lists = {"type": "array", "items": part}
    atomic = lists | {"x-kubernetes-list-type": "atomic"}
    parts = {"one": part, "fixed": fixed, "free": lists, "atomic": atomic}
    schema = structural({"type": "object", "properties": parts})
    old = {"one": {"n": 9}, "free": [{"n": 9}], "atomic": [{"n": 9}]}
    assert rules.errors({**old, "fixed": 1}, old, schema) == []
    assert len(rules.errors({**old, "one": {"n": 8}}, old, schema)) == 1
    assert rules.errors({**old, "free": [{"n": 9}, {"n": 1}]}, old, schema) == []
    assert len(rules.errors({**old, "atomic": [{"n": 9}, {"n": 1}]}, old, schema)) == 1
    assert len(rules.errors({"fixed": 1}, {"fixed": 1}, schema)) == 1
