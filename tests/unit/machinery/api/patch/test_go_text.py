"""The words that Go has for JSON values."""

from __future__ import annotations

from machinery.api.patch.go_text import cannot_unmarshal, printed, type_word


def test_values_are_printed_like_fmt() -> None:
    assert printed({"b": [1, "x", True], "a": None, "c": {}}) == "map[a:<nil> b:[1 x true] c:map[]]"


def test_types_are_named_like_encoding_json() -> None:
    words = [type_word(value) for value in ({}, [], "", 1, 1.5, False, None)]
    assert words == ["object", "array", "string", "number", "number", "bool", "null"]
    assert cannot_unmarshal([], "string") == "json: cannot unmarshal array into Go value of type string"
