"""A number, or a share of one: `maxSurge: 1`, `maxSurge: 25%`, `targetPort: http`.

Pure. Fields of type IntOrString hold a Python int or str; this turns the percentages among them into numbers.
In Kubernetes: k8s.io/apimachinery/pkg/util/intstr. Left out: the older function that forgives bad percentages.
"""

from __future__ import annotations

import re

from machinery.api.field_errors import quote


class IntOrStringError(ValueError):
    """A string that is no percentage, where one is wanted."""


def scaled_value(value: int | str, total: int, round_up: bool) -> int:
    """The number itself, or the percentage of `total`, rounded up or down. Raises IntOrStringError."""
    if isinstance(value, int):
        return value
    share = _share(value) * total
    return -(-share // 100) if round_up else share // 100


def is_percent(value: int | str) -> bool:
    return isinstance(value, str) and re.fullmatch("[0-9]+%", value) is not None


def _share(text: str) -> int:
    if not text.endswith("%"):
        raise IntOrStringError("invalid value for IntOrString: invalid type: string is not a percentage")
    if not re.fullmatch("[-+]?[0-9]+%", text):
        raise IntOrStringError(f"invalid value for IntOrString: invalid value {quote(text)}")
    return int(text[:-1])
