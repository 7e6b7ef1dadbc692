"""Small checks that validations of many kinds share; each returns a list of errors, empty = fine.

Pure. Real Kubernetes: apimachinery's util/validation and api/validation (IsFullyQualifiedName, IsDomainPrefixedPath …).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from machinery.api import names, quantity
from machinery.api.errors import FieldError

Complaints = Callable[[str], list[str]]
NOT_NEGATIVE = "must be greater than or equal to 0"
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"


def checked(path: str, value: Any, complaints: Complaints) -> list[FieldError]:
    """An error for each complaint about a value."""
    return [FieldError.invalid(path, value, why) for why in complaints(value)]


def needed(path: str, value: str, complaints: Complaints | None = None) -> list[FieldError]:
    """A value must be there, and then be well-formed."""
    if not value:
        return [FieldError.required(path)]
    return checked(path, value, complaints) if complaints else []


def one_of(path: str, value: str, supported: Sequence[str]) -> list[FieldError]:
    """The value must be one of the words."""
    return [] if value in supported else [FieldError.not_supported(path, value, supported)]


def optional_one_of(path: str, value: str | None, supported: Sequence[str]) -> list[FieldError]:
    """If there is a value at all, it must be one of the words."""
    return [] if value is None else one_of(path, value, supported)


def unchanged(path: str, new: Any, old: Any) -> list[FieldError]:
    """A field that never changes."""
    return [] if new == old else [FieldError.immutable(path, new)]


def unique(paths_and_values: Iterable[tuple[str, str]]) -> list[FieldError]:
    """Each value once."""
    found, seen = [], set()
    for path, value in paths_and_values:
        if value in seen:
            found.append(FieldError.duplicate(path, value))
        seen.add(value)
    return found


def not_negative(path: str, value: int | None) -> list[FieldError]:
    return [FieldError.invalid(path, value, NOT_NEGATIVE)] if value is not None and value < 0 else []


def not_negative_quantity(path: str, value: str | None) -> list[FieldError]:
    if value is not None and quantity.parse(value) < 0:
        return [FieldError.invalid(path, value, NOT_NEGATIVE)]
    return []


def at_most(path: str, text: str, most: int) -> list[FieldError]:
    """No more than so many bytes."""
    return [FieldError.too_long(path, "", most)] if len(text.encode()) > most else []


def fully_qualified_name(path: str, name: str) -> list[FieldError]:
    """A domain of at least three segments: the name of a webhook."""
    if not name:
        return [FieldError.required(path)]
    if bad := names.dns_subdomain(name):
        return [FieldError.invalid(path, name, ",".join(bad))]
    if name.count(".") < 2:
        why = "should be a domain with at least three segments separated by dots"
        return [FieldError.invalid(path, name, why)]
    return []


def domain_prefixed_path(path: str, value: str) -> list[FieldError]:
    """`example.com/foo`: the name of a controller."""
    host, _, rest = value.partition("/")
    if not host or not rest:
        return [FieldError.invalid(path, value, 'must be a domain-prefixed path (such as "acme.io/foo")')]
    found = checked(path, host, names.dns_subdomain)
    if not re.fullmatch(_HTTP_PATH, rest):
        found.append(FieldError.invalid(path, rest, f"Invalid path (regex used for validation is '{_HTTP_PATH}')"))
    return found


def conditions(path: str, rows: Sequence[Any]) -> list[FieldError]:
    """What metav1.Condition lists must be: named, with a known status, a reason, a time; each type once."""
    found = []
    for index, row in enumerate(rows):
        where = f"{path}[{index}]"
        found += needed(f"{where}.type", row.type, names.qualified_name)
        found += one_of(f"{where}.status", row.status, ("False", "True", "Unknown"))
        if row.last_transition_time is None:
            found.append(FieldError.required(f"{where}.lastTransitionTime", "must be set"))
        if not row.reason:
            found.append(FieldError.required(f"{where}.reason"))
    return found + unique((f"{path}[{i}].type", row.type) for i, row in enumerate(rows))
