"""ControllerRevision: a state that a controller had, kept unchanged.

Real Kubernetes: pkg/registry/apps/controllerrevision, ValidateControllerRevision.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.cells import NONE
from apiserver.registry.field_checks import NOT_NEGATIVE, unchanged
from apiserver.registry.strategy import Strategy, columns
from machinery.api.apps.v1 import ControllerRevision
from machinery.api.errors import FieldError
from machinery.api.meta.v1 import OwnerReference


class ControllerRevisionStrategy(Strategy):
    """See the module."""

    api_version = "apps/v1"
    kind = "ControllerRevision"
    columns = columns("Name, Controller, Revision, Age")

    def validate(self, obj: ControllerRevision) -> list[FieldError]:
        found = [FieldError.required("data", "data is mandatory")] if obj.data is None else []
        if obj.revision < 0:
            found.append(FieldError.invalid("revision", obj.revision, NOT_NEGATIVE))
        return found

    def validate_update(self, obj: ControllerRevision, old: ControllerRevision) -> list[FieldError]:
        return [*self.validate(obj), *unchanged("data", obj.data, old.data)]

    def row(self, obj: ControllerRevision, now: datetime) -> list[Any]:
        meta = obj.metadata
        owner = next((each for each in meta.owner_references if each.controller), None)
        return [meta.name, _owner_cell(owner), obj.revision, age(meta.creation_timestamp, now)]


def _owner_cell(owner: OwnerReference | None) -> str:
    """`daemonset.apps/web`."""
    if owner is None:
        return NONE
    group = owner.api_version.rpartition("/")[0]
    return f"{owner.kind}.{group}".rstrip(".").lower() + f"/{owner.name}"
