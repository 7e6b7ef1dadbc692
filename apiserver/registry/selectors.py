"""What can be wrong with a LabelSelector. Real Kubernetes: apimachinery's meta/v1/validation."""

from __future__ import annotations

from apiserver.registry.metadata import label_errors
from machinery.api import names
from machinery.api.errors import FieldError
from machinery.api.meta.v1 import LabelSelector, LabelSelectorRequirement

_OPERATORS = ("In", "NotIn", "Exists", "DoesNotExist")


def label_selector_errors(selector: LabelSelector | None, path: str) -> list[FieldError]:
    """All errors of a selector that may be absent."""
    if selector is None:
        return []
    found = label_errors(selector.match_labels, f"{path}.matchLabels")
    for index, row in enumerate(selector.match_expressions):
        found += _requirement_errors(row, f"{path}.matchExpressions[{index}]")
    return found


def _requirement_errors(row: LabelSelectorRequirement, path: str) -> list[FieldError]:
    found = []
    if row.operator in ("In", "NotIn") and not row.values:
        why = "must be specified when `operator` is 'In' or 'NotIn'"
        found.append(FieldError.required(f"{path}.values", why))
    elif row.operator in ("Exists", "DoesNotExist") and row.values:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        found.append(FieldError.forbidden(f"{path}.values", why))
    elif row.operator not in _OPERATORS:
        found.append(FieldError.invalid(f"{path}.operator", row.operator, "not a valid selector operator"))
    found += [FieldError.invalid(f"{path}.key", row.key, why) for why in names.qualified_name(row.key)]
    for index, value in enumerate(row.values):
        found += [FieldError.invalid(f"{path}.values[{index}]", value, why) for why in names.label_value(value)]
    return found
