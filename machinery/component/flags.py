"""A frozen dataclass is the command line: one field, one flag; the field's docstring is its help.

    @dataclass(frozen=True, kw_only=True)
    class Config(ComponentConfig):
        node_name: str
        \"\"\"The name under which this node registers.\"\"\"

    Config.from_args(["--node-name", "worker-1"])

In real Kubernetes: spf13/pflag and each component's options package. Left out: config files.
"""

from __future__ import annotations

import argparse
import ast
import dataclasses
import inspect
import itertools
import re
import sys
import textwrap
import types
import typing
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Self

DURATION = re.compile(r"(\d+(?:\.\d+)?)(ms|s|m|h)")
SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}


@dataclass(frozen=True, kw_only=True)
class ComponentConfig:
    """What every component can be told; a component's own Config extends it."""

    v: int = 0
    """How much to log: 0 what happens, 2 and more also why."""
    health_port: int = 0
    """The port of /healthz, /livez, /readyz and /metrics on loopback; 0 for none."""

    @classmethod
    def from_args(cls, argv: Sequence[str] | None = None) -> Self:
        """Parses the flags; ends the process with usage text when they are wrong."""
        return cls(**vars(parser_of(cls).parse_args(argv)))


def parser_of(config: type) -> argparse.ArgumentParser:
    """The argparse parser with one flag for each field of a config class."""
    parser = argparse.ArgumentParser(prog=_program(config), description=inspect.cleandoc(config.__doc__ or ""))
    hints, docs = typing.get_type_hints(config), field_docs(config)
    for field in dataclasses.fields(config):
        _add_flag(parser, field, hint=hints[field.name], doc=docs.get(field.name, ""))
    return parser


def field_docs(config: type) -> dict[str, str]:
    """Field name to the string literal that follows it in the source, bases included."""
    docs: dict[str, str] = {}
    for cls in filter(dataclasses.is_dataclass, reversed(config.__mro__)):
        body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0].body
        for field, doc in itertools.pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(doc, ast.Expr) and isinstance(doc.value, ast.Constant):
                docs[field.target.id] = inspect.cleandoc(doc.value.value)
    return docs


def seconds(text: str) -> float:
    """A plain number of seconds, or a Go duration such as `1m30s`."""
    parts = DURATION.findall(text)
    if parts and "".join(number + unit for number, unit in parts) == text:
        return sum(float(number) * SECONDS[unit] for number, unit in parts)
    return float(text)


def boolean(text: str) -> bool:
    """`true` or `false`, in the spellings that Go's flag package takes."""
    if text.lower() in ("true", "t", "1"):
        return True
    if text.lower() in ("false", "f", "0"):
        return False
    raise ValueError(text)


def comma_list(text: str) -> tuple[str, ...]:
    """`a,b` as ("a", "b")."""
    return tuple(part.strip() for part in text.split(",") if part.strip())


def pairs(text: str) -> dict[str, str]:
    """`k=v,x=y` as a dict; a key without `=` gets an empty value."""
    return {key: value for key, _, value in (part.partition("=") for part in comma_list(text))}


CONVERTERS: dict[Any, Callable[[str], Any]] = {
    str: str, int: int, float: seconds, bool: boolean, tuple: comma_list, dict: pairs,
}


def _add_flag(parser: argparse.ArgumentParser, field: dataclasses.Field, *, hint: Any, doc: str) -> None:
    default = field.default_factory() if callable(field.default_factory) else field.default
    required = default is dataclasses.MISSING
    options: dict[str, Any] = {"type": CONVERTERS[_plain(hint)], "help": doc.replace("%", "%%"), "required": required}
    if not required:
        options["default"] = default
    if _plain(hint) is tuple:
        options["action"] = _Collect
    if _plain(hint) is bool:
        options |= {"nargs": "?", "const": True}
    parser.add_argument(f"--{field.name.replace('_', '-')}", dest=field.name, **options)


class _Collect(argparse.Action):
    """A list may be given in one flag, in several, or both."""

    def __call__(self, parser: Any, namespace: Any, values: Any, option: str | None = None) -> None:
        earlier = getattr(namespace, self.dest)
        setattr(namespace, self.dest, values if earlier is self.default else (*earlier, *values))


def _plain(hint: Any) -> Any:
    """`tuple[str, ...]` is a tuple, `str | None` is a str."""
    if typing.get_origin(hint) in (typing.Union, types.UnionType):
        hint = next(arm for arm in typing.get_args(hint) if arm is not type(None))
    return typing.get_origin(hint) or hint


def _program(config: type) -> str:
    module = sys.modules[config.__module__]
    return f"python -m {module.__package__ or module.__name__}"
