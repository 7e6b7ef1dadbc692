"""JSONPath templates."""

from __future__ import annotations

import pytest

from minictl.custom_columns import rows
from minictl.jsonpath import BadPath, find, render

PODS = {"items": [{"name": "a", "ports": [80, 443], "labels": {"app.io/x": "1"}}, {"name": "b", "ready": True}]}


@pytest.mark.parametrize(("template", "text"), [
    ("{.items[*].name}", "a b"),
    ("{.items[0].ports[-1]}", "443"),
    ("{.items[0].ports[0:1]}", "80"),
    ("{.items[0]['name','ports']}", "a [80,443]"),
    ("{.items[0].labels.app\\.io/x}", "1"),
    ("{.items[?(@.name==\"b\")].ready}", "true"),
    ("{.items[?(@.ports)].name}", "a"),
    ('{range .items[*]}{.name}{"\\t"}{.ready}{"\\n"}{end}', "a\t\nb\ttrue\n"),
    ("{$.items[1].name} and {.nothing}", "b and "),
    ("{..name}", "a b"),
    ("plain", "plain"),
])  # fmt: skip
def test_renders(template: str, text: str) -> None:
    assert render(template, PODS) == text


@pytest.mark.parametrize("template", ["{.items", "{range .items[*]}{.name}", "{.items[x]}"])
def test_refuses(template: str) -> None:
    with pytest.raises(BadPath):
        render(template, PODS)


def test_finds_values_and_makes_columns() -> None:
    assert find(".items[*].ports", PODS) == [[80, 443]]
    assert rows("NAME:.name,P:.ports[*]", PODS["items"]) == [["NAME", "P"], ["a", "80,443"], ["b", "<none>"]]
