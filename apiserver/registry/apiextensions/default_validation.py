"""Defaults of a schema must satisfy the schema that they stand in: its fields, its types, its keywords, its rules.

Pure. Costs nothing where no default is. Real Kubernetes: apiextensions-apiserver's
pkg/apiserver/schema/defaulting/validation.go. Left out: defaults inside of metadata.
"""

from __future__ import annotations

import copy
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

from apiserver.apiextensions import embedded, rules
from apiserver.apiextensions.pruning import prune_value
from apiserver.apiextensions.structural import structural
from apiserver.apiextensions.validation import NOWHERE, compiled
from apiserver.decoding import Undecodable
from machinery.api.errors import FieldError

Doc = dict[str, Any]


def default_errors(schema: Doc, path: str) -> Iterator[FieldError]:
    """What is wrong with the default of this level, if it has one. The schema itself must be sound."""
    if schema.get("default") is None:
        return
    where, value, tree = f"{path}.default", schema["default"], structural(schema)
    pruned = copy.deepcopy(value)
    prune_value(pruned, tree)
    if pruned != value:
        yield FieldError.invalid(where, value, "must not have unknown fields")
    try:
        embedded.coerce(copy.deepcopy(value), tree, drop=False)
    except Undecodable as error:
        yield FieldError.invalid(where, value, str(error))
        return
    found = [*embedded.errors(value, tree)] or [*compiled(schema).errors(value)]
    for error in found or rules.errors(value, value, tree, forgiving=False):
        yield replace(error, field=_below(where, error.field))


def _below(where: str, field: str) -> str:
    if field in ("", NOWHERE):
        return where
    return where + (field if field.startswith(("[", ".")) else f".{field}")
