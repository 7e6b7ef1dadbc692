"""Sets, quantities, addresses, networks and URLs in CEL."""

from __future__ import annotations

from typing import Any

import pytest

from apiserver.cel import EvaluationError, compile


@pytest.mark.parametrize(("expression", "value"), [
    ("sets.contains([1, 2, 3], [3, 1])", True), ("sets.equivalent([1, 2], [2, 1, 1])", True),
    ("sets.intersects([1], [2])", False), ("quantity('1Gi').isGreaterThan(quantity('1000Mi'))", True),
    ("quantity('500m').isLessThan(quantity('1'))", True), ("quantity('1k').compareTo(quantity('1000'))", 0),
    ("isQuantity('1.5x')", False), ("isQuantity('200M')", True), ("quantity('2k').asInteger()", 2000),
    ("quantity('1.5').isInteger()", False), ("quantity('-3').sign()", -1),
    ("isIP('10.0.0.1') && !isIP('10.0.0.256')", True), ("ip('fe80::1').family()", 6),
    ("ip('127.0.0.1').isLoopback()", True),
    ("ip.isCanonical('::ffff')", True), ("cidr('10.0.0.0/8').containsIP('10.9.8.7')", True),
    ("cidr('10.0.0.0/8').containsCIDR('10.1.0.0/16')", True), ("cidr('10.0.0.0/8').prefixLength()", 8),
    ("isCIDR('10.0.0.0')", False), ("url('https://a.b:80/c?d=e').getHost()", "a.b:80"),
    ("url('https://a.b:80/c?d=e').getPort()", "80"), ("url('https://a.b/c').getEscapedPath()", "/c"),
    ("isURL('nothing')", False), ("url('https://a.b/c?d=e').getQuery()", {"d": ["e"]}),
])  # fmt: skip
def test_values(expression: str, value: Any) -> None:
    assert compile(expression, ()).evaluate({}) == value


@pytest.mark.parametrize(
    "expression", ["quantity('x').sign() == 0", "ip('x').family() == 4", "url('x').getHost() == ''"]
)
def test_no_value(expression: str) -> None:
    with pytest.raises(EvaluationError):
        compile(expression, ()).evaluate({})
