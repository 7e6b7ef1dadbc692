"""How Go names and prints JSON values: the words inside messages about patches.

Pure. In Kubernetes these come out of encoding/json and fmt's %v; users search for them, so they are kept.
"""

from __future__ import annotations

from typing import Any


def type_word(value: Any) -> str:
    """What encoding/json calls a value that it cannot use."""
    if isinstance(value, bool):
        return "bool"
    words = {dict: "object", list: "array", str: "string", int: "number", float: "number"}
    return words.get(type(value), "null")


def cannot_unmarshal(value: Any, into: str) -> str:
    return f"json: cannot unmarshal {type_word(value)} into Go value of type {into}"


def printed(value: Any) -> str:
    """%v of a decoded JSON value: map[a:1 b:[x y]]."""
    if isinstance(value, dict):
        return "map[" + " ".join(f"{key}:{printed(value[key])}" for key in sorted(value)) + "]"
    if isinstance(value, list):
        return "[" + " ".join(map(printed, value)) + "]"
    if value is None:
        return "<nil>"
    return str(value).lower() if isinstance(value, bool) else str(value)
