"""Quantities: `500m` of a processor, `1Gi` of memory, `1e3` of anything.

Pure. A quantity is kept as its canonical text; computing goes through Decimal (`parse`) and back (`format_like`).
In Kubernetes: k8s.io/apimachinery/pkg/api/resource. Left out: infinite-precision arithmetic below 1n; like there, a
quantity rounds up (away from zero) to 1n and binary suffixes want whole numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Literal

Family = Literal["decimal", "binary", "exponent"]

_DECIMAL = {"n": -9, "u": -6, "m": -3, "": 0, "k": 3, "M": 6, "G": 9, "T": 12, "P": 15, "E": 18}
_BINARY = {"Ki": 10, "Mi": 20, "Gi": 30, "Ti": 40, "Pi": 50, "Ei": 60}
_SUFFIX_OF = {power: suffix for suffix, power in _DECIMAL.items()}
_NANO = -9
_MOST = 2**63 - 1
_FORM = re.compile(r"([+-]?)([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*[-+]?[0-9]*)")


class QuantityError(ValueError):
    """A text that is no quantity."""


@dataclass(frozen=True, slots=True)
class _Amount:
    """mantissa × 10^exponent, and the family of suffixes that it was written in."""

    mantissa: int
    exponent: int
    family: Family


def _read(text: str) -> _Amount:
    form = _FORM.fullmatch(text)
    if not form or not (form[2] or form[3]):
        raise QuantityError(
            "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'")
    sign, whole, fraction, suffix = form[1], form[2], form[3] or "", form[4]
    power, twos, family = _scale(suffix)
    mantissa = int(whole + fraction) * 2**twos * (-1 if sign == "-" else 1)
    return _Amount(*_rounded(mantissa, power - len(fraction), most=_NANO), family)


def _scale(suffix: str) -> tuple[int, int, Family]:
    """A suffix as powers of ten and of two."""
    if suffix in _DECIMAL:
        return _DECIMAL[suffix], 0, "decimal"
    if suffix in _BINARY:
        return 0, _BINARY[suffix], "binary"
    if re.fullmatch("[eE][-+]?[0-9]{1,9}", suffix):
        return int(suffix[1:]), 0, "exponent"
    raise QuantityError("unable to parse quantity's suffix")


def _rounded(mantissa: int, exponent: int, *, most: int) -> tuple[int, int]:
    """The same amount with an exponent of at least `most`, rounded away from zero."""
    missing = most - exponent
    if missing <= 0 or not mantissa:
        return mantissa, exponent
    size = abs(mantissa)
    # Past the number's own length the result is 1: never compute 10**999999999.
    up = 1 if missing > len(str(size)) else -(-size // 10**missing)
    return (up if mantissa > 0 else -up), most


@lru_cache(maxsize=4096)
def parse(text: str) -> Decimal:
    """The exact value. Raises QuantityError (a ValueError)."""
    amount = _read(text)
    return _decimal(amount.mantissa, amount.exponent)


def _decimal(mantissa: int, exponent: int) -> Decimal:
    digits = tuple(map(int, str(abs(mantissa))))
    return Decimal((int(mantissa < 0), digits, exponent))


@lru_cache(maxsize=4096)
def canonical(text: str) -> str:
    """The one way to write it: no fraction, the largest fitting suffix of its family. Raises QuantityError."""
    return _written(_read(text.strip()))


def _written(amount: _Amount) -> str:
    if not amount.mantissa:
        return "0"
    mantissa, exponent = _stripped(amount.mantissa, amount.exponent)
    if amount.family == "binary" and exponent >= 0:
        whole = mantissa * 10**exponent
        if abs(whole) >= 1024:
            return _binary(max(-_MOST, min(whole, _MOST)))
    return _thousands(mantissa, exponent, exponential=amount.family == "exponent")


def _stripped(mantissa: int, exponent: int) -> tuple[int, int]:
    zeros = len(str(mantissa)) - len(str(mantissa).rstrip("0"))
    return mantissa // 10**zeros, exponent + zeros


def _binary(whole: int) -> str:
    size, suffix = abs(whole), ""
    for suffix_up in _BINARY:
        if size % 1024:
            break
        size, suffix = size // 1024, suffix_up
    return f"{'-' if whole < 0 else ''}{size}{suffix}"


def _thousands(mantissa: int, exponent: int, *, exponential: bool) -> str:
    down = exponent % 3
    number, power = mantissa * 10**down, exponent - down
    if exponential or power not in _SUFFIX_OF:
        return f"{number}e{power}" if power else str(number)
    return f"{number}{_SUFFIX_OF[power]}"


def family(text: str) -> Family:
    """Which suffixes it is written in: decimal (k, M), binary (Ki, Mi) or exponent (e3)."""
    return _read(text).family


def format_decimal(value: Decimal | int, family: Family = "decimal") -> str:
    """A number as a quantity: format_decimal(2**20, "binary") is 1Mi."""
    sign, digits, exponent = Decimal(value).as_tuple()
    mantissa = int("".join(map(str, digits))) * (-1 if sign else 1)
    return _written(_Amount(*_rounded(mantissa, int(exponent), most=_NANO), family))


def format_like(value: Decimal | int, example: str) -> str:
    """A number as a quantity of the example's family."""
    return format_decimal(value, family(example))


def _scaled(text: str, exponent: int) -> int:
    """In units of 10^exponent, rounded away from zero; capped like an int64."""
    amount = _read(text)
    mantissa, power = _rounded(amount.mantissa, amount.exponent, most=exponent)
    most = power - exponent
    size = _MOST if mantissa and most > 36 else min(abs(mantissa) * 10**most, _MOST)
    return size if mantissa >= 0 else -size


@lru_cache(maxsize=4096)
def value(text: str) -> int:
    """In whole units, rounded up: bytes of memory, number of pods."""
    return _scaled(text, 0)


@lru_cache(maxsize=4096)
def milli_value(text: str) -> int:
    """In thousandths, rounded up: millicores."""
    return _scaled(text, -3)


@lru_cache(maxsize=4096)
def rounded_to_milli(text: str) -> str:
    """What defaulting does to resource lists: nothing finer than a thousandth, rounded up; canonical."""
    amount = _read(text.strip())
    return _written(_Amount(*_rounded(amount.mantissa, amount.exponent, most=-3), amount.family))


def add(first: str, second: str) -> str:
    """The sum, in the first one's family unless that is zero."""
    a, b = _read(first), _read(second)
    low = min(a.exponent, b.exponent)
    total = a.mantissa * 10 ** (a.exponent - low) + b.mantissa * 10 ** (b.exponent - low)
    return _written(_Amount(total, low, a.family if a.mantissa else b.family))
