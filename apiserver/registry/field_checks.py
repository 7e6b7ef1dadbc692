"""Checks of single fields that many kinds share, in Kubernetes' words. Pure.

Real Kubernetes: ValidateNonnegativeField, ValidatePositiveIntOrPercent, IsNotMoreThan100Percent, ValidateConditions
and their kin in pkg/apis/core/validation, pkg/apis/apps/validation and apimachinery's meta/v1/validation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from machinery.api import intstr, names, quantity
from machinery.api.errors import FieldError
from machinery.api.meta.v1 import Condition

NOT_NEGATIVE = "must be greater than or equal to 0"
_STATUSES = ("False", "True", "Unknown")
_REASON = "[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?"
_MAX_REASON, _MAX_MESSAGE = 1024, 32 * 1024


def not_negative(path: str, part: Any, *attributes: str) -> list[FieldError]:
    """Which of these counts of `part` (by their Python names) are below zero."""
    found = []
    for attribute in attributes:
        value = getattr(part, attribute)
        if value is not None and value < 0:
            found.append(FieldError.invalid(f"{path}.{wire_name(part, attribute)}", value, NOT_NEGATIVE))
    return found


def wire_name(part: Any, attribute: str) -> str:
    """The JSON name of a field."""
    return next(name for name, fact in part.fields_table().items() if fact.attr == attribute)


def not_above(path: str, part: Any, limit: str, *attributes: str) -> list[FieldError]:
    """Which of these counts exceed another one of the same status."""
    most = getattr(part, limit)
    why = f"cannot be greater than {path}.{wire_name(part, limit)}"
    return [
        FieldError.invalid(f"{path}.{wire_name(part, attribute)}", getattr(part, attribute), why)
        for attribute in attributes
        if getattr(part, attribute) > most
    ]


def not_decremented(path: str, new: int | None, old: int | None) -> list[FieldError]:
    """A counter that only grows."""
    if old is None or (new is not None and new >= old):
        return []
    return [FieldError.invalid(path, new or 0, "cannot be decremented")]


def replica_status_errors(status: Any) -> list[FieldError]:
    """The counts of a ReplicaSet or ReplicationController: none below zero, no part above the whole."""
    parts = ("fully_labeled_replicas", "ready_replicas", "available_replicas")
    return [
        *not_negative("status", status, "replicas", *parts, "observed_generation"),
        *not_above("status", status, "replicas", *parts),
        *not_above("status", status, "ready_replicas", "available_replicas"),
    ]


def unchanged(path: str, new: Any, old: Any) -> list[FieldError]:
    """A field that is set at creation and never again."""
    return [] if new == old else [FieldError.immutable(path, new)]


def one_of(path: str, value: str, choices: Iterable[str], *, required: bool = False) -> list[FieldError]:
    """One of a few words; `required` says so when there is none at all."""
    choices = tuple(choices)
    if required and not value:
        return [FieldError.required(path)]
    return [] if value in choices else [FieldError.not_supported(path, value, choices)]


def amount_errors(path: str, amount: int | str | None, *, capped: bool = True) -> list[FieldError]:
    """A number of pods, or a share of them up to 100 %."""
    if isinstance(amount, str):
        found = [FieldError.invalid(path, amount, why) for why in names.percent(amount)]
        if capped and not found and int(amount.rstrip("%")) > 100:
            found.append(FieldError.invalid(path, amount, "must not be greater than 100%"))
        return found
    return [FieldError.invalid(path, amount, NOT_NEGATIVE)] if amount is not None and amount < 0 else []


def is_zero(amount: int | str | None) -> bool:
    """Whether an amount comes to nothing; a text that is no percentage does not."""
    if amount is None:
        return True
    return intstr.scaled_value(amount, 100, True) == 0 if intstr.is_percent(amount) else amount == 0


def quantity_errors(path: str, text: str, *, positive: bool = False) -> list[FieldError]:
    """A quantity that is not below zero, or is above it."""
    value = quantity.parse(text)
    if positive:
        return [] if value > 0 else [FieldError.invalid(path, text, "must be greater than zero")]
    return [] if value >= 0 else [FieldError.invalid(path, text, NOT_NEGATIVE)]


def condition_errors(path: str, conditions: Iterable[Condition]) -> list[FieldError]:
    """metav1.Conditions: complete, and each type once."""
    found, seen = [], set()
    for index, condition in enumerate(conditions):
        where = f"{path}[{index}]"
        if condition.type in seen:
            found.append(FieldError.duplicate(f"{where}.type", condition.type))
        seen.add(condition.type)
        found += _condition_errors(where, condition)
    return found


def _condition_errors(path: str, condition: Condition) -> list[FieldError]:
    bad = names.qualified_name(condition.type)
    found = [FieldError.invalid(f"{path}.type", condition.type, why) for why in bad]
    found += one_of(f"{path}.status", condition.status, _STATUSES)
    if condition.observed_generation < 0:
        why = "must be greater than or equal to zero"
        found.append(FieldError.invalid(f"{path}.observedGeneration", condition.observed_generation, why))
    if condition.last_transition_time is None:
        found.append(FieldError.required(f"{path}.lastTransitionTime", "must be set"))
    if not condition.reason:
        found.append(FieldError.required(f"{path}.reason", "must be set"))
    elif not re.fullmatch(_REASON, condition.reason):
        why = (
            "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric "
            "characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  "
            f"or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '{_REASON}')"
        )
        found.append(FieldError.invalid(f"{path}.reason", condition.reason, why))
    if len(condition.reason) > _MAX_REASON:
        found.append(FieldError.too_long(f"{path}.reason", condition.reason, _MAX_REASON))
    if len(condition.message) > _MAX_MESSAGE:
        found.append(FieldError.too_long(f"{path}.message", condition.message, _MAX_MESSAGE))
    return found
