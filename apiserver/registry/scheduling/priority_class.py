"""PriorityClass: a name for how important pods are. Real Kubernetes: pkg/registry/scheduling/priorityclass.

That only one class is the global default, and that the system's own stay, is the word of admission.priority.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.admission.priority import SYSTEM_CLASSES
from apiserver.durations import age
from apiserver.registry.checks import optional_one_of
from apiserver.registry.field_checks import unchanged
from apiserver.registry.strategy import Column, Doc, Strategy
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.scheduling.v1 import PriorityClass

_RESERVED = "system-"
_HIGHEST = 1_000_000_000


class PriorityClassStrategy(Strategy):
    """See the module."""

    api_version = "scheduling.k8s.io/v1"
    kind = "PriorityClass"
    columns = (
        Column("Name", format="name"),
        Column("Value", type="integer"),
        Column("Global-Default", type="boolean"),
        Column("Age"),
        Column("PreemptionPolicy"),
    )

    def default(self, obj: Doc) -> None:
        obj.setdefault("preemptionPolicy", "PreemptLowerPriority")

    def prepare_for_create(self, obj: Doc) -> None:
        obj["metadata"]["generation"] = 1

    def validate(self, obj: PriorityClass) -> list[FieldError]:
        found = []
        if obj.metadata.name.startswith(_RESERVED):
            found = [
                FieldError.forbidden(
                    "metadata.name",
                    f"priority class names with '{_RESERVED}' prefix are reserved for system use only. error: {why}",
                )
                for why in _unlike_the_systems(obj)
            ]
        elif obj.value > _HIGHEST:
            why = f"maximum allowed value of a user defined priority is {_HIGHEST}"
            found = [FieldError.forbidden("value", why)]
        if obj.preemption_policy == "":
            return [*found, FieldError.required("preemptionPolicy")]
        return found + optional_one_of("preemptionPolicy", obj.preemption_policy, ("PreemptLowerPriority", "Never"))

    def validate_update(self, obj: PriorityClass, old: PriorityClass) -> list[FieldError]:
        found = [FieldError.forbidden("value", "may not be changed in an update.")] if obj.value != old.value else []
        return found + unchanged("preemptionPolicy", obj.preemption_policy, old.preemption_policy)

    def selectable(self, obj: Doc) -> dict[str, str]:
        """For admission's own index; no field selector may name it."""
        return {"globalDefault": "true" if obj.get("globalDefault") else "false"}

    def row(self, obj: PriorityClass, now: datetime) -> list[Any]:
        when = age(obj.metadata.creation_timestamp, now)
        return [obj.metadata.name, obj.value, obj.global_default, when, obj.preemption_policy or ""]


def _unlike_the_systems(obj: PriorityClass) -> list[str]:
    name = obj.metadata.name
    if name not in SYSTEM_CLASSES:
        return [f"{name} is not a known system priority class"]
    if obj.value != SYSTEM_CLASSES[name]:
        return [f"value of {name} PriorityClass must be {SYSTEM_CLASSES[name]}"]
    return [f"globalDefault of {name} PriorityClass must be false"] if obj.global_default else []
