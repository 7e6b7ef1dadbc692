"""Field errors: the words of each type, and how values are shown."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.core.v1 import ContainerPort
from machinery.api.field_errors import FieldError, joined, quote


@pytest.mark.parametrize(("error", "text"), [
    (FieldError.required("a"), "a: Required value"),
    (FieldError.required("a", "must be set"), "a: Required value: must be set"),
    (FieldError.invalid("a", "x y", "bad"), 'a: Invalid value: "x y": bad'),
    (FieldError.invalid("a", 70000, "bad"), "a: Invalid value: 70000: bad"),
    (FieldError.invalid("a", True), "a: Invalid value: true"),
    (FieldError.invalid("a", None), "a: Invalid value: null"),
    (FieldError.invalid("a", {"b": [1]}), 'a: Invalid value: {"b":[1]}'),
    (FieldError.immutable("a", "x"), 'a: Invalid value: "x": field is immutable'),
    (FieldError.not_supported("a", "x", ["b", "c"]), 'a: Unsupported value: "x": supported values: "b", "c"'),
    (FieldError.duplicate("a", "x"), 'a: Duplicate value: "x"'),
    (FieldError.not_found("a", "x"), 'a: Not found: "x"'),
    (FieldError.forbidden("a", "not here"), "a: Forbidden: not here"),
    (FieldError.too_long("a", "xxx", 2), "a: Too long: may not be more than 2 bytes"),
    (FieldError.too_many("a", 3, 1), "a: Too many: 3: must have at most 1 item"),
    (FieldError.type_invalid("a", 1, "must be a string"), "a: Invalid value: 1: must be a string"),
    (FieldError.internal("a", "boom"), "a: Internal error: boom"),
])
def test_words(error: FieldError, text: str) -> None:
    assert str(error) == text


def test_a_model_is_shown_as_json() -> None:
    shown = FieldError.invalid("ports[0]", ContainerPort(container_port=80)).body
    assert json.loads(shown.removeprefix("Invalid value: "))["containerPort"] == 80


def test_joined() -> None:
    a, b = FieldError.required("a"), FieldError.required("b")
    assert joined([a]) == "a: Required value"
    assert joined([a, b, a]) == "[a: Required value, b: Required value]"


@pytest.mark.parametrize(("text", "quoted"), [
    ("plain", '"plain"'), ('a"b\\', '"a\\"b\\\\"'), ("\n\t\0", '"\\n\\t\\x00"'), ("héllo", '"héllo"'),
    ("\u200b", '"\\u200b"'), ("\U000e0001", '"\\U000e0001"'),
])
def test_quote_is_gos(text: str, quoted: str) -> None:
    assert quote(text) == quoted


@given(st.text(alphabet=st.characters(max_codepoint=126, min_codepoint=32)))
def test_quote_of_ascii_is_json(text: str) -> None:
    assert json.loads(quote(text)) == text
