"""LimitRange: bounds and defaults for what a namespace's objects ask for. Real Kubernetes: ValidateLimitRange."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.registry.core.resource_names import container_resource_errors, may_overcommit, resource_name_errors
from apiserver.registry.metadata import stamp
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api import names, quantity
from machinery.api.core.v1 import LimitRange, LimitRangeItem
from machinery.api.errors import FieldError

_TYPES = ("Pod", "Container", "PersistentVolumeClaim")
_LISTS = {
    "max": "max", "min": "min", "default": "default", "defaultRequest": "default_request",
    "maxLimitRequestRatio": "max_limit_request_ratio",
}  # fmt: skip


class LimitRangeStrategy(Strategy):
    """See the module."""

    kind = "LimitRange"
    allow_create_on_update = True
    columns = columns("Name, Created At", created_at="date")

    def default(self, obj: Doc) -> None:
        for item in obj.get("spec", {}).get("limits", []):
            if item.get("type") == "Container":
                _default_item(item)

    def validate(self, obj: LimitRange) -> list[FieldError]:
        found, seen = [], set()
        for index, item in enumerate(obj.spec.limits):
            path = f"spec.limits[{index}]"
            found += _type_errors(item.type, f"{path}.type")
            if item.type in seen:
                found.append(FieldError.duplicate(f"{path}.type", item.type))
            seen.add(item.type)
            found += _item_errors(item, path)
        return found

    def row(self, obj: LimitRange, now: datetime) -> list[Any]:
        born = obj.metadata.creation_timestamp
        return [obj.metadata.name, stamp(born) if born is not None else "<unknown>"]


def _default_item(item: Doc) -> None:
    """A maximum is also the default limit; a default limit, or else a minimum, is also the default request."""
    limits = {**item.get("max", {}), **item.get("default", {})}
    requests = {**item.get("min", {}), **limits, **item.get("defaultRequest", {})}
    item |= {"default": limits} if limits else {}
    item |= {"defaultRequest": requests} if requests else {}


def _type_errors(name: str, path: str) -> list[FieldError]:
    if found := [FieldError.invalid(path, name, why) for why in names.qualified_name(name)]:
        return found
    if "/" in name or name in _TYPES:
        return []
    return [FieldError.invalid(path, name, "must be a standard limit type or fully qualified")]


def _item_errors(item: LimitRangeItem, path: str) -> list[FieldError]:
    check = container_resource_errors if item.type in ("Pod", "Container") else resource_name_errors
    found = []
    for wire, attribute in _LISTS.items():
        given = getattr(item, attribute)
        if item.type == "Pod" and wire in ("default", "defaultRequest"):
            if given:
                found.append(FieldError.forbidden(f"{path}.{wire}", "may not be specified when `type` is 'Pod'"))
            continue
        for name in given:
            found += check(name, f"{path}.{wire}[{name}]")
    if item.type == "PersistentVolumeClaim" and "storage" not in {*item.min, *item.max}:
        why = "either minimum or maximum storage value is required, but neither was provided"
        found.append(FieldError.required(f"{path}.limits", why))
    for name in sorted({name for attribute in _LISTS.values() for name in getattr(item, attribute)}):
        found += _order_errors(item, name, path) + _ratio_errors(item, name, path)
    return found


def _order_errors(item: LimitRangeItem, name: str, path: str) -> list[FieldError]:
    """min ≤ defaultRequest ≤ default ≤ max, as far as each is given."""
    pod = item.type == "Pod"
    low, high = item.min.get(name), item.max.get(name)
    limit = None if pod else item.default.get(name)
    request = None if pod else item.default_request.get(name)
    rows = (
        ("min", low, low, "min value", high, "max value"),
        ("defaultRequest", request, low, "min value", request, "default request value"),
        ("defaultRequest", request, request, "default request value", high, "max value"),
        ("defaultRequest", request, request, "default request value", limit, "default limit value"),
        ("default", low, low, "min value", limit, "default value"),
        ("default", high, limit, "default value", high, "max value"),
    )
    found = [
        FieldError.invalid(f"{path}.{wire}[{name}]", shown, f"{less} {lower} is greater than {more} {upper}")
        for wire, shown, lower, less, upper, more in rows
        if lower is not None and upper is not None and quantity.parse(lower) > quantity.parse(upper)
    ]
    both = limit is not None and request is not None
    if both and not may_overcommit(name) and quantity.parse(limit) != quantity.parse(request):
        why = f"default value {limit} must equal to defaultRequest value {request} in {name}"
        found.append(FieldError.invalid(f"{path}.defaultRequest[{name}]", request, why))
    return found


def _ratio_errors(item: LimitRangeItem, name: str, path: str) -> list[FieldError]:
    ratio, low, high = (each.get(name) for each in (item.max_limit_request_ratio, item.min, item.max))
    if ratio is None:
        return []
    where, value = f"{path}.maxLimitRequestRatio[{name}]", quantity.parse(ratio)
    found = [FieldError.invalid(where, ratio, f"ratio {ratio} is less than 1")] if value < 1 else []
    if low is not None and high is not None and quantity.parse(low) > 0:
        most = quantity.parse(high) / quantity.parse(low)
        if value > most:
            found.append(FieldError.invalid(where, ratio, f"ratio {ratio} is greater than max/min = {most:.6f}"))
    return found
