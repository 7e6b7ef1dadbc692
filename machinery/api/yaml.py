"""YAML as Kubernetes' tools read and write it: version 1.1 words for booleans, plain text for everything else.

Pure. kubectl and the API server read YAML through sigs.k8s.io/yaml, whose scalars differ from PyYAML's: a bare `n` is
false, `0644` is octal, `12:30` and dates are text. Left out: custom tags, which neither side accepts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import isfinite
from typing import Any

import yaml

_BaseLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_BaseDumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

_TRUE = ("y", "Y", "yes", "Yes", "YES", "on", "On", "ON", "true", "True", "TRUE")
_FALSE = ("n", "N", "no", "No", "NO", "off", "Off", "OFF", "false", "False", "FALSE")
_NULL = re.compile(r"^(?:~|null|Null|NULL|)$")
_BOOL = re.compile(f"^(?:{'|'.join(_TRUE + _FALSE)})$")
_INT = re.compile(r"^[-+]?(?:0b[01_]+|0x[0-9a-fA-F_]+|0o[0-7_]+|[0-9][0-9_]*)$")
_FLOAT = re.compile(
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$"
)
_DATE = re.compile(r"^\d{4}-\d\d?-\d\d?(?:[Tt ].*)?$")
_LEGACY_OCTAL = re.compile(r"^([-+]?)0([0-7_]+)$")

Error = yaml.YAMLError
MOST_LEVELS = 200
MOST_NODES = 100_000
"""So much may a document be that uses aliases."""


class _Loader(_BaseLoader):
    """PyYAML's safe loader with Kubernetes' idea of which plain scalars are not text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[str, Any]:
        """JSON knows only text as keys, so a key that reads as true becomes "true"."""
        mapping = super().construct_mapping(node, deep=True)
        return {key if isinstance(key, str) else _key(key): value for key, value in mapping.items()}


class _Dumper(_BaseDumper):
    """PyYAML's safe dumper that quotes whatever the loader would not read back as text."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}

    def ignore_aliases(self, data: Any) -> bool:
        """Kubernetes' tools write equal values out, however often they occur."""
        return True


def load_all(text: str | bytes) -> Iterator[Any]:
    """Every document of a stream. Raises Error, whose text names line and column."""
    return yaml.load_all(text, _Loader)


def load(text: str | bytes) -> Any:
    """The only document of a text. Raises Error, also for aliases that would make far more of it than it is."""
    star = b"*" if isinstance(text, bytes) else "*"
    try:
        _check_depth(text)
        if star in text:
            _check_aliases(yaml.compose(text, _Loader))
        return yaml.load(text, _Loader)
    except RecursionError:
        raise Error("document is nested too deeply") from None
    except (ValueError, OverflowError) as error:
        raise Error(str(error)) from None


def _check_depth(text: str | bytes) -> None:
    """The C library builds documents recursively, and would take the process down with it."""
    depth = 0
    for event in yaml.parse(text, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MOST_LEVELS:
            raise Error(f"exceeded max depth of {MOST_LEVELS}")


def _check_aliases(root: yaml.Node | None) -> None:
    """Refuse what holds itself, and what aliases multiply."""
    sizes: dict[int, int] = {}
    if root is not None and _expanded(root, sizes, frozenset()) > max(MOST_NODES, 10 * len(sizes)):
        raise Error("document contains excessive aliasing")


def _expanded(node: yaml.Node, sizes: dict[int, int], above: frozenset[int]) -> int:
    """How many nodes there are below this one once aliases are written out."""
    here = id(node)
    if here in above:
        raise Error("anchor value contains itself")
    if here not in sizes:
        inside: list[yaml.Node] = []
        if isinstance(node, yaml.MappingNode):
            inside = [part for pair in node.value for part in pair]
        elif isinstance(node, yaml.SequenceNode):
            inside = node.value
        sizes[here] = 1 + sum(_expanded(part, sizes, above | {here}) for part in inside)
    return sizes[here]


def duplicate_keys(text: str | bytes) -> Iterator[tuple[int, str]]:
    """The line and the name of every key that a mapping of the text has a second time."""
    waiting = [yaml.compose(text, _Loader)]
    seen: set[int] = set()
    while waiting:
        node = waiting.pop()
        if node is None or id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            yield from _repeated(node)
            waiting += [value for _, value in reversed(node.value)]
        elif isinstance(node, yaml.SequenceNode):
            waiting += reversed(node.value)


def _repeated(node: yaml.MappingNode) -> Iterator[tuple[int, str]]:
    seen: set[str] = set()
    for key, value in node.value:
        if not isinstance(key, yaml.ScalarNode) or key.value == "<<":
            continue
        if key.value in seen:
            yield value.start_mark.line + 1, key.value
        seen.add(key.value)


def dump(document: Any) -> str:
    """Keys in alphabetical order, lists not indented, no line ever folded: what `kubectl -o yaml` prints."""
    return yaml.dump(document, Dumper=_Dumper, default_flow_style=False, allow_unicode=True, width=2**31 - 1)


def _resolver(tag: str, pattern: re.Pattern[str], first: str | None) -> None:
    for flavour in (_Loader, _Dumper):
        flavour.add_implicit_resolver(tag, pattern, list(first) if first else None)


def _integer(loader: yaml.Loader, node: yaml.ScalarNode) -> int | float:
    text = node.value.replace("_", "")
    legacy = _LEGACY_OCTAL.match(text)
    try:
        base = 0 if text.lstrip("+-")[:1] == "0" else 10
        number = int(legacy[1] + "0o" + legacy[2], 0) if legacy else int(text, base)
    except ValueError:
        if len(text) < 20:
            return _float(loader, node)  # 09 is nine
        raise yaml.constructor.ConstructorError(problem=f"cannot read {text[:40]} as a number") from None
    return number if -(2**63) <= number < 2**64 else _finite(float(number), node)


def _float(loader: yaml.Loader, node: yaml.ScalarNode) -> float | int:
    """JSON has one kind of number: 1e3 is the integer 1000."""
    text = node.value.replace("_", "").lower()
    number = _finite(float(text.replace(".inf", "inf").replace(".nan", "nan")), node)
    return int(number) if number.is_integer() and abs(number) < 2**63 else number


def _finite(number: float, node: yaml.ScalarNode) -> float:
    if not isfinite(number):
        raise yaml.constructor.ConstructorError(problem=f"JSON has no number {node.value[:40]}")
    return number


def _key(key: Any) -> str:
    return str(key).lower() if isinstance(key, bool) else "null" if key is None else str(key)


def _text(dumper: yaml.Dumper, value: str) -> yaml.ScalarNode:
    """Several lines as a block, look-alikes of other types in double quotes, all else as plain as it can be."""
    if "\n" in value:
        style = "|"
    elif _NULL.match(value) or _BOOL.match(value) or _INT.match(value) or _FLOAT.match(value) or _DATE.match(value):
        style = '"'
    else:
        style = None
    return dumper.represent_scalar("tag:yaml.org,2002:str", value, style=style)


_resolver("tag:yaml.org,2002:null", _NULL, "~nN\0")
_resolver("tag:yaml.org,2002:null", re.compile("^$"), None)
_resolver("tag:yaml.org,2002:bool", _BOOL, "yYnNtTfFoO")
_resolver("tag:yaml.org,2002:int", _INT, "-+0123456789")
_resolver("tag:yaml.org,2002:float", _FLOAT, "-+0123456789.")
_resolver("tag:yaml.org,2002:merge", re.compile("^<<$"), "<")
_Loader.add_constructor("tag:yaml.org,2002:int", _integer)
_Loader.add_constructor("tag:yaml.org,2002:bool", lambda loader, node: node.value in _TRUE)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Dumper.add_representer(str, _text)
