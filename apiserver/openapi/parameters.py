"""Query parameters of operations, read from the options classes: what a query can say, under which text.

Pure. Real Kubernetes: addObjectParams in k8s.io/apiserver/pkg/endpoints/installer.go.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from apiserver.openapi import schemas
from apiserver.openapi.field_docs import field_docs
from machinery.api.model import Model


@dataclass(frozen=True, slots=True)
class Parameter:
    """One query parameter; of a list each value is given by itself."""

    name: str
    type: str
    description: str


@cache
def parameters(*options: type[Model]) -> tuple[Parameter, ...]:
    """All that these classes can say in a query, by name."""
    found = (parameter for model in options for parameter in _of_class(model))
    return tuple(sorted(found, key=lambda parameter: parameter.name))


def _of_class(model: type[Model]) -> Iterator[Parameter]:
    """The fields that are texts, numbers or switches; objects, times and what the class itself is are left out."""
    docs = field_docs(model)
    for name, fact in model.fields_table().items():
        if fact.proto is not None and fact.model is None and fact.type in schemas.SCALARS:
            yield Parameter(name, schemas.SCALARS[fact.type]["type"], docs[fact.attr])
