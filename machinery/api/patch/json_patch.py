"""JSON patch (RFC 6902): a list of add, remove, replace, move, copy and test, all or nothing.

Pure. A patch that does not apply raises Invalid with a message that hides the reason, as in Kubernetes; the reason is
the exception's cause. In Kubernetes: evanphx/json-patch and the API server's limit of 10000 operations. Its licences
are ours: replace may create a member, indexes may count from the end, a missing value is null.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from copy import deepcopy
from typing import Any

from machinery.api.errors import BadRequest, RequestEntityTooLarge, generic
from machinery.api.patch.go_text import cannot_unmarshal, type_word

MOST_OPERATIONS = 10_000
_MISSING = object()


class DoesNotApply(Exception):
    """Why an operation failed."""


def json_patch(doc: dict[str, Any], operations: Any) -> dict[str, Any]:
    """The document after all operations. Raises BadRequest, RequestEntityTooLarge or Invalid."""
    _check_shape(operations)
    for operation in operations:
        try:
            doc = _operation(operation)(doc, operation)
        except DoesNotApply as why:
            raise generic(422) from why
    return doc


def _check_shape(operations: Any) -> None:
    if not isinstance(operations, list):
        raise _undecodable(cannot_unmarshal(operations, "[]handlers.jsonPatchOp"))
    if len(operations) > MOST_OPERATIONS:
        raise RequestEntityTooLarge(
            f"The allowed maximum operations in a JSON patch is {MOST_OPERATIONS}, got {len(operations)}")
    for operation in operations:
        if not isinstance(operation, dict):
            raise _undecodable(cannot_unmarshal(operation, "handlers.jsonPatchOp"))
        for key in ("op", "path", "from"):
            value = operation.get(key)
            if value is not None and not isinstance(value, str):
                raise _undecodable(f"json: cannot unmarshal {type_word(value)} into Go struct field "
                                   f"jsonPatchOp.{key} of type string")


def _undecodable(why: str) -> BadRequest:
    return BadRequest(f"error decoding patch: {why}")


def _add(doc: Any, operation: dict[str, Any]) -> Any:
    return _edited(doc, _pointer(operation, "path"), lambda _: _value(operation), insert=True)


def _remove(doc: Any, operation: dict[str, Any]) -> Any:
    return _edited(doc, _pointer(operation, "path"), lambda _: _MISSING)


def _replace(doc: Any, operation: dict[str, Any]) -> Any:
    tokens = _pointer(operation, "path")
    upsert = bool(tokens) and isinstance(_found(doc, tokens[:-1]), dict)
    return _edited(doc, tokens, lambda _: _value(operation), insert=upsert)


def _move(doc: Any, operation: dict[str, Any]) -> Any:
    source, target = _pointer(operation, "from"), _pointer(operation, "path")
    if target[:len(source)] == source and len(target) > len(source):
        raise DoesNotApply("a value cannot move into itself")
    value = _found(doc, source)
    without = _edited(doc, source, lambda _: _MISSING) if source else None
    return _edited(without, target, lambda _: value, insert=True)


def _copy(doc: Any, operation: dict[str, Any]) -> Any:
    value = deepcopy(_found(doc, _pointer(operation, "from")))
    return _edited(doc, _pointer(operation, "path"), lambda _: value, insert=True)


def _test(doc: Any, operation: dict[str, Any]) -> Any:
    wanted = operation.get("value")
    try:
        actual = _found(doc, _pointer(operation, "path"))
    except DoesNotApply:
        if wanted is not None:
            raise
        actual = None
    if not _same(actual, wanted):
        raise DoesNotApply(f"testing value {operation.get('path')} failed")
    return doc


_OPERATIONS: dict[Any, Callable[[Any, dict[str, Any]], Any]] = {
    "add": _add, "remove": _remove, "replace": _replace, "move": _move, "copy": _copy, "test": _test,
}


def _operation(operation: dict[str, Any]) -> Callable[[Any, dict[str, Any]], Any]:
    try:
        return _OPERATIONS[operation.get("op")]
    except KeyError:
        raise DoesNotApply(f"Unexpected kind: {operation.get('op')}") from None


def _value(operation: dict[str, Any]) -> Any:
    return deepcopy(operation.get("value"))


def _pointer(operation: dict[str, Any], key: str) -> list[str]:
    """RFC 6901: "/a~1b/0" is ["a/b", "0"]; "" is the whole document."""
    text = operation.get(key)
    if text is None or (text and not text.startswith("/")):
        raise DoesNotApply(f"{key} wants a pointer such as /spec/replicas, not {text!r}")
    return [token.replace("~1", "/").replace("~0", "~") for token in text.split("/")[1:]]


def _found(node: Any, tokens: list[str]) -> Any:
    for token in tokens:
        node = node[_place(node, token)]
    return node


def _place(node: Any, token: str, *, insert: bool = False) -> Any:
    """The key or index that a token means in this node; with `insert` it may be a new one."""
    if isinstance(node, dict) and (insert or token in node):
        return token
    if isinstance(node, list):
        size = len(node) + insert
        if insert and token == "-":
            return len(node)
        if re.fullmatch("-?[0-9]{1,9}", token) and -size <= int(token) < size:
            return int(token) % size
    raise DoesNotApply(f"there is no {token!r} in {type_word(node)}")


def _edited(node: Any, tokens: list[str], change: Callable[[Any], Any], *, insert: bool = False) -> Any:
    """A copy of the node, along the path only, with one place changed, inserted or (change gives _MISSING) removed."""
    if not tokens:
        value = change(node)
        if value is _MISSING:
            raise DoesNotApply("the whole document cannot be removed")
        return value
    first, rest = tokens[0], tokens[1:]
    place = _place(node, first, insert=insert and not rest)
    result = node.copy()
    value = change(None) if not rest else _edited(node[place], rest, change, insert=insert)
    if value is _MISSING:
        del result[place]
    elif insert and not rest and isinstance(result, list):
        result.insert(place, value)
    else:
        result[place] = value
    return result


def _same(left: Any, right: Any) -> bool:
    """Equal as JSON: true is not 1."""
    if type(left) is not type(right):
        return False
    if isinstance(left, dict):
        return left.keys() == right.keys() and all(_same(left[key], right[key]) for key in left)
    if isinstance(left, list):
        return len(left) == len(right) and all(map(_same, left, right))
    return bool(left == right)
