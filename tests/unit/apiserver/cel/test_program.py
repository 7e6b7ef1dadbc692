"""Expressions: their values, what they may not be, and Kubernetes' own functions."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.cel import CompileError, EvaluationError, compile

OBJECT = {"spec": {"replicas": 3, "containers": [{"image": "a:1"}, {"image": "b"}]}, "metadata": {"name": "web"}}


@pytest.mark.parametrize(
    ("expression", "value"),
    [
        ("object.spec.replicas <= 5", True),
        ("object.spec.containers.all(c, c.image.contains(':'))", False),
        ("has(object.spec.paused)", False),
        ("object.?spec.?paused.orValue(7)", 7),
        ("object.metadata.name.upperAscii()", "WEB"),
        ("object.spec.containers.map(c, c.image)", ["a:1", "b"]),
        ("'%s has %d'.format([object.metadata.name, object.spec.replicas])", "web has 3"),
        ("'abc 123 456'.find('[0-9]+')", "123"),
        ("'abc 123 456'.findAll('[0-9]+')", ["123", "456"]),
        ("'abc 123 456'.findAll('[0-9]+', 1)", ["123"]),
        ("[1, 2, 2].isSorted() && [1, 2].sum() == 3 && [4, 5].min() == 4 && [4, 5].max() == 5", True),
        ("[1, 2, 1].indexOf(1) == 0 && [1, 2, 1].lastIndexOf(1) == 2 && [1].indexOf(3) == -1", True),
        ("'chicken'.indexOf('n')", 6),
        ("{'a': [1, 2.5, true, null]}", {"a": [1, 2.5, True, None]}),
    ],
)
def test_values(expression: str, value: Any) -> None:
    assert compile(expression, ("object",)).evaluate({"object": OBJECT}) == value


@pytest.mark.parametrize(
    ("expression", "why"), [("object.spec.no > 1", "no such key: no"), ("1 / 0 == 1", "division by zero")]
)
def test_no_value(expression: str, why: str) -> None:
    with pytest.raises(EvaluationError, match=why):
        compile(expression, ("object",)).evaluate({"object": OBJECT})


@pytest.mark.parametrize("expression", ["1 +", "nobody", "'a' + 1", "x" * 20_000])
def test_no_expression(expression: str) -> None:
    with pytest.raises(CompileError):
        compile(expression, ("object",))


def test_loops_end() -> None:
    thrice = "object.all(a, object.all(b, object.all(c, a + b + c >= 0)))"
    with pytest.raises(EvaluationError):
        compile(thrice, ("object",)).evaluate({"object": list(range(1000))})


def test_types() -> None:
    assert [compile(text, ()).type for text in ("true", "'a'", "dyn(1)")] == ["bool", "string", "dyn"]


@pytest.mark.parametrize(("expression", "value"), [
    ("format.dns1123Label().validate('web').hasValue()", False),
    ("format.dns1123Label().validate('We').value().size()", 1),
    ("format.named('labelValue').hasValue() && !format.named('nothing').hasValue()", True),
    ("format.named('uuid').value().validate('x').value()", ["does not match the UUID format"]),
    ("sets.equivalent([1, 2], [2, 1, 1]) && !sets.contains([1], [true]) && sets.intersects(['a'], ['b', 'a'])", True),
    ("isQuantity('1Gi') && quantity('1Gi').isGreaterThan(quantity('1G'))", True),
    ("cidr('10.0.0.0/8').containsIP('10.1.2.3') && ip('::1').isLoopback()", True),
    ("url('https://a.example:8443/x?y=1').getHost()", "a.example:8443"),
])  # fmt: skip
def test_kubernetes_own_functions(expression: str, value: Any) -> None:
    assert compile(expression, ()).evaluate({}) == value
