"""Checks of names and of what they are made of; each returns a list of errors, empty = fine (see also field_checks).

Pure. Real Kubernetes: apimachinery's util/validation and api/validation (IsFullyQualifiedName, IsDomainPrefixedPath …).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from apiserver.registry.field_checks import one_of
from machinery.api import names
from machinery.api.errors import FieldError

Complaints = Callable[[str], list[str]]
_HTTP_PATH = r"[A-Za-z0-9/\-._~%!$&'()*+,;=:]+"


def checked(path: str, value: Any, complaints: Complaints) -> list[FieldError]:
    """An error for each complaint about a value."""
    return [FieldError.invalid(path, value, why) for why in complaints(value)]


def needed(path: str, value: str, complaints: Complaints | None = None) -> list[FieldError]:
    """A value must be there, and then be well-formed."""
    if not value:
        return [FieldError.required(path)]
    return checked(path, value, complaints) if complaints else []



def optional_one_of(path: str, value: str | None, supported: Sequence[str]) -> list[FieldError]:
    """If there is a value at all, it must be one of the words."""
    return [] if value is None else one_of(path, value, supported)



def unique(paths_and_values: Iterable[tuple[str, str]]) -> list[FieldError]:
    """Each value once."""
    found, seen = [], set()
    for path, value in paths_and_values:
        if value in seen:
            found.append(FieldError.duplicate(path, value))
        seen.add(value)
    return found




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
