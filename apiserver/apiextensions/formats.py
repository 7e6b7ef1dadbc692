"""The formats of texts that schemas may demand, each a test; formats that are not here are not looked at.

Pure. Real Kubernetes: k8s.io/kube-openapi/pkg/validation/strfmt.
"""

from __future__ import annotations

import base64
import binascii
import ipaddress
import re
from collections.abc import Callable
from datetime import date, datetime
from functools import partial
from typing import Any
from urllib.parse import urlsplit

INTEGERS = {"int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1), "uint32": (0, 2**32 - 1),
            "uint64": (0, 2**64 - 1)}  # fmt: skip
_UUID = "[0-9a-f]{8}-?[0-9a-f]{4}-?%s[0-9a-f]{3}-?%s[0-9a-f]{3}-?[0-9a-f]{12}"
_UUIDS = {"uuid": ("[0-9a-f]", "[0-9a-f]"), "uuid3": ("3", "[0-9a-f]"), "uuid4": ("4", "[89ab]"),
          "uuid5": ("5", "[89ab]")}  # fmt: skip
_LABEL = "[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?"
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:?\d\d)", re.ASCII)
_DURATION = re.compile(r"[+-]?(?:0|(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)", re.ASCII)
_LONG_DURATION = re.compile(
    r"(?:\d+\s*(?:ns|nanos?|nanoseconds?|us|µs|μs|micros?|microseconds?|ms|millis?|milliseconds?|s|secs?|seconds?|m|"
    r"mins?|minutes?|h|hrs?|hours?|d|days?|w|wks?|weeks?)\s*)+",
    re.ASCII,
)


def _matches(pattern: str, text: str) -> bool:
    return re.fullmatch(pattern, text, re.ASCII) is not None


def _read(reader: Callable[[str], Any], text: str) -> bool:
    try:
        reader(text)
    except ValueError:
        return False
    return True


def _is_moment(text: str) -> bool:
    if not _MOMENT.fullmatch(text):
        return False
    whole = re.sub(r"\.\d+", "", text.upper().replace("Z", "+00:00").replace(" ", "T"))
    return _read(datetime.fromisoformat, whole)


def _is_byte(text: str) -> bool:
    try:
        base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return False
    return True


def _is_uri(text: str) -> bool:
    """What Go's url.ParseRequestURI takes: absolute, or a path from the root."""
    try:
        parts = urlsplit(text)
    except ValueError:
        return False
    return bool(parts.scheme or text.startswith("/")) and not re.search(r"[\x00-\x20\x7f]", text)


def _is_hostname(text: str) -> bool:
    return len(text) <= 253 and _matches(rf"{_LABEL}(?:\.{_LABEL})*\.?", text)


def _is_isbn10(text: str) -> bool:
    plain = text.replace("-", "").replace(" ", "")
    if not _matches("[0-9]{9}[0-9X]", plain):
        return False
    return sum((10 - at) * (10 if digit == "X" else int(digit)) for at, digit in enumerate(plain)) % 11 == 0


def _is_isbn13(text: str) -> bool:
    plain = text.replace("-", "").replace(" ", "")
    return _matches("[0-9]{13}", plain) and sum(int(digit) * (1, 3)[at % 2] for at, digit in enumerate(plain)) % 10 == 0


def _is_card(text: str) -> bool:
    plain = re.sub("[^0-9]", "", text)
    if not 13 <= len(plain) <= 19:
        return False
    doubled = (int(digit) * (1 + at % 2) for at, digit in enumerate(reversed(plain)))
    return sum(each - 9 if each > 9 else each for each in doubled) % 10 == 0


def _is_color(text: str) -> bool:
    parts = re.fullmatch(r"rgb\(\s*(\d{1,3})\s*,\s*(\d{1,3})\s*,\s*(\d{1,3})\s*\)", text, re.ASCII)
    return parts is not None and all(int(each) < 256 for each in parts.groups())


TEXTS: dict[str, Callable[[str], bool]] = {
    "bsonobjectid": partial(_matches, "[0-9a-fA-F]{24}"),
    "uri": _is_uri,
    "email": partial(_matches, rf"[^@\s<>]+@{_LABEL}(?:\.{_LABEL})*"),
    "hostname": _is_hostname,
    "ipv4": partial(_read, ipaddress.IPv4Address),
    "ipv6": partial(_read, ipaddress.IPv6Address),
    "cidr": lambda text: "/" in text and _read(ipaddress.ip_interface, text),
    "mac": partial(_matches, "(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\\1){4,6}[0-9a-fA-F]{2}|"
                             "(?:[0-9a-fA-F]{4}\\.){2,3}[0-9a-fA-F]{4}"),
    **{name: partial(lambda form, text: _matches(form, text.lower()), _UUID % parts) for name, parts in _UUIDS.items()},
    "isbn": lambda text: _is_isbn10(text) or _is_isbn13(text),
    "isbn10": _is_isbn10,
    "isbn13": _is_isbn13,
    "creditcard": _is_card,
    "ssn": partial(_matches, r"\d{3}[- ]?\d{2}[- ]?\d{4}"),
    "hexcolor": partial(_matches, "#?(?:[0-9a-fA-F]{3}|[0-9a-fA-F]{6})"),
    "rgbcolor": _is_color,
    "byte": _is_byte,
    "date": lambda text: _matches(r"\d{4}-\d\d-\d\d", text) and _read(date.fromisoformat, text),
    "date-time": _is_moment,
    "datetime": _is_moment,
    "duration": lambda text: bool(_DURATION.fullmatch(text) or _LONG_DURATION.fullmatch(text)),
}  # fmt: skip
