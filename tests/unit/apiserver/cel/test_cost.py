"""Expressions that would run away are stopped before they do; those that only look at much are not."""

from __future__ import annotations

import time
from typing import Any

import pytest

from apiserver.cel import EvaluationError, compile
from apiserver.cel.cost import EXCEEDED, size_of

MANY, TEXT = list(range(9000)), "a" * 1_000_000
PODS = [{"name": f"p{n}", "image": "a/b:1" * 20, "ports": [1, 2, 3]} for n in range(1000)]


@pytest.mark.parametrize(("expression", "x"), [
    ("x.all(i, x.size() > 3)", MANY), ("x.map(i, i).size() > 0", MANY), ("x.filter(i, i > 1).size() > 0", MANY),
    ("x.all(i, x.all(j, j >= 0))", MANY[:2000]), ("x.all(i, !x[1].contains('zz'))", [*MANY[:500], TEXT]),
    ("x.exists(i, x.exists(j, x.exists(k, i + j + k > 100000)))", MANY[:200]),
    ("x.all(i, sets.contains(x, [i]))", MANY), ("[1, 2].all(n, x.all(i, x.all(j, i + j + n > 0)))", MANY),
])  # fmt: skip
def test_what_runs_away_is_stopped_at_once(expression: str, x: Any) -> None:
    program, began = compile(expression, ("x",)), time.thread_time()
    with pytest.raises(EvaluationError) as stopped:
        program.evaluate({"x": x})
    assert str(stopped.value) == EXCEEDED
    assert time.thread_time() - began < 0.5


@pytest.mark.parametrize(("expression", "x"), [
    ("x.all(i, i >= 0)", MANY), ("x.all(p, p.image.contains(':') && p.ports.all(n, n > 0))", PODS),
    ("x.map(p, p.name).size() == 300", PODS[:300]), ("x.all(p, x.exists(q, q.name == p.name))", PODS[:60]),
    ("x.size() > 3 && !x.contains('b')", TEXT), ("x.filter(i, i in x).size() == 500", MANY[:500]),
])  # fmt: skip
def test_what_only_looks_at_much_is_not(expression: str, x: Any) -> None:
    assert compile(expression, ("x",)).evaluate({"x": x}) is True


def test_sizes() -> None:
    assert size_of({"a": [1, 2, {"b": "text"}], "c": None}) == (7, 3, 4)
