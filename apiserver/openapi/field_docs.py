"""What each field is for: the string under it in its class, which `kubectl explain` shows.

Reads a module's source once, when somebody first asks: the compiler drops such strings, so a server that nobody asks
to explain pays nothing for them. Real Kubernetes: comments of the Go types, generated into openapi definitions.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Mapping
from functools import cache
from itertools import pairwise
from pathlib import Path

from machinery.api.model import Model, Object

_OWN_KIND = ("api_version", "kind")


def field_docs(model: type[Model]) -> dict[str, str]:
    """A class's texts by the fields' Python names, those of its bases included."""
    docs: dict[str, str] = {}
    for cls in reversed(model.__mro__):
        if issubclass(cls, Model):
            docs |= _of_module(cls.__module__).get(cls.__name__, {})
    if says_its_kind(model):
        common = field_docs(Object) if model is not Object else docs
        docs = {name: common[name] for name in _OWN_KIND} | docs
    return docs


def says_its_kind(model: type[Model]) -> bool:
    """Whether apiVersion and kind tell what the object itself is, not what it points to."""
    return all((fact := model.fields_table().get(name)) and fact.proto is None for name in ("apiVersion", "kind"))


@cache
def _of_module(name: str) -> Mapping[str, Mapping[str, str]]:
    """Class name to field name to text, from the module's file."""
    tree = ast.parse(Path(sys.modules[name].__file__ or "").read_bytes())
    return {node.name: _of_class(node) for node in tree.body if isinstance(node, ast.ClassDef)}


def _of_class(node: ast.ClassDef) -> dict[str, str]:
    found = {}
    for line, text in pairwise(node.body):
        if isinstance(line, ast.AnnAssign) and isinstance(text, ast.Expr) and isinstance(text.value, ast.Constant):
            found[line.target.id] = " ".join(text.value.value.split())
    return found
