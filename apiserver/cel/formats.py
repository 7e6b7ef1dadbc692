"""Kubernetes' library `format` in CEL: `!format.dns1123Label().validate(object.metadata.name).hasValue()`.

Pure. A format is its name's text here, and what validate gives is a list of complaints, of which hasValue and value ask
as if it were an optional. Real Kubernetes: k8s.io/apiserver/pkg/cel/library/format.go.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from apiserver.apiextensions import formats
from machinery.api import names

Row = tuple[str, Callable[..., Any], Any, tuple[Any, ...]]


def _prefix(check: Callable[[str], list[str]]) -> Callable[[str], list[str]]:
    return lambda text: check(names.without_trailing_dash(text))


def _is(name: str, why: str) -> Callable[[str], list[str]]:
    return lambda text: [] if formats.TEXTS[name](text) else [why]


FORMATS: dict[str, Callable[[str], list[str]]] = {
    "dns1123Label": names.dns_label,
    "dns1123Subdomain": names.dns_subdomain,
    "dns1035Label": names.dns1035_label,
    "dns1123LabelPrefix": _prefix(names.dns_label),
    "dns1123SubdomainPrefix": _prefix(names.dns_subdomain),
    "dns1035LabelPrefix": _prefix(names.dns1035_label),
    "qualifiedName": names.qualified_name,
    "labelValue": names.label_value,
    "uri": _is("uri", "invalid URI"),
    "uuid": _is("uuid", "does not match the UUID format"),
    "byte": _is("byte", "invalid base64"),
    "date": _is("date", "invalid date"),
    "datetime": _is("datetime", "invalid datetime"),
}


def _validate(name: str, text: str) -> list[str]:
    if name not in FORMATS:
        raise ValueError(f"no such format: {name}")
    return list(FORMATS[name](text))


def _value(found: Sequence[Any]) -> Any:
    """The complaints; of `format.named`, the format."""
    if not found:
        raise ValueError("optional.none() dereference")
    return found[0] if found[0] in FORMATS else list(found)


def globals_of(t: Any) -> list[Row]:
    """The formats by their names."""
    rows: list[Row] = [(f"format.{name}", lambda name=name: name, t.STRING, ()) for name in FORMATS]
    return [*rows, ("format.named", lambda name: [name] if name in FORMATS else [], t.LIST, (t.STRING,))]


def members_of(t: Any) -> list[Row]:
    """What can be done with them."""
    return [
        ("validate", _validate, t.LIST, (t.STRING, t.STRING)),
        ("hasValue", bool, t.BOOL, (t.LIST,)),
        ("value", _value, t.DYN, (t.LIST,)),
    ]
