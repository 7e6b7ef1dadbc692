"""The types that are written one way in JSON and another in protobuf: times, quantities, int-or-string, raw JSON.

Pure: one pair of functions per type, in one table. In Kubernetes: the hand-written proto code of apimachinery
(time_proto.go, intstr, resource/generated.pb.go). The unions of schemas: protobuf_unions.py.
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, NamedTuple

import orjson

from machinery.api import wire
from machinery.api.wire import WireError, put_bytes, put_varint

Value = int | bytes


class Codec(NamedTuple):
    """decode: a field's wire value as JSON value (None = absent). encode: a JSON value as one field."""

    decode: Callable[[Any], Any]
    encode: Callable[[int, Any], bytes]


def _text(value: Value) -> str:
    return _raw(value).decode()


def _raw(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise WireError("proto: wrong wireType")
    return value


def _number(value: Value) -> int:
    if not isinstance(value, int):
        raise WireError("proto: wrong wireType")
    return wire.signed(value)


def _int32(value: Value) -> int:
    low = _number(value) & (2**32 - 1)
    return low - 2**32 if low >= 2**31 else low


_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def _moment(value: Value) -> datetime | None:
    """An empty message is the zero time: null in JSON."""
    if not value:
        return None
    parts = dict(wire.fields(_raw(value)))
    try:
        return _EPOCH + timedelta(seconds=_number(parts.get(1, 0)), microseconds=_number(parts.get(2, 0)) // 1000)
    except OverflowError:
        raise WireError("time is out of range") from None


@lru_cache(maxsize=4096)
def _time(value: Value) -> str | None:
    moment = _moment(value)
    return moment and f"{moment:%Y-%m-%dT%H:%M:%SZ}".rjust(20, "0")


def _micro_time(value: Value) -> str | None:
    moment = _moment(value)
    return moment and f"{moment:%Y-%m-%dT%H:%M:%S.%fZ}".rjust(27, "0")


@lru_cache(maxsize=4096)
def _put_time(number: int, value: str | None) -> bytes:
    """Remembered: many objects were made in the same second, and each tells its times more than once."""
    if not value:
        return put_bytes(number, b"")
    past = datetime.fromisoformat(value) - _EPOCH
    seconds, micros = past // timedelta(seconds=1), past % timedelta(seconds=1) // timedelta(microseconds=1)
    return put_bytes(number, put_varint(1, seconds) + put_varint(2, micros * 1000))


_UNITS = {"h": 3600 * 10**9, "m": 60 * 10**9, "s": 10**9, "ms": 10**6, "us": 10**3, "µs": 10**3, "ns": 1}


def _duration(value: Value) -> str:
    nanos = _number(dict(wire.fields(_raw(value))).get(1, 0))
    size = abs(nanos)
    return ("-" if nanos < 0 else "") + (_below_second(size) if size < 10**9 else _above_second(size))


def _below_second(nanos: int) -> str:
    for unit in ("ms", "µs", "ns"):
        if nanos >= _UNITS[unit]:
            return _decimal(nanos, _UNITS[unit]) + unit
    return "0s"


def _above_second(nanos: int) -> str:
    minutes, rest = divmod(nanos, _UNITS["m"])
    hours, minutes = divmod(minutes, 60)
    head = f"{hours}h{minutes}m" if hours else f"{minutes}m" if minutes else ""
    return f"{head}{_decimal(rest, _UNITS['s'])}s"


def _decimal(size: int, unit: int) -> str:
    whole, rest = divmod(size, unit)
    return f"{whole}.{rest * 10**9 // unit:09d}".rstrip("0").rstrip(".")


def _put_duration(number: int, value: str) -> bytes:
    parts = re.findall(r"([0-9]*)\.?([0-9]*)(h|ms|m|us|µs|ns|s)", value)
    size = sum(int((whole or "0") + part) * _UNITS[unit] // 10 ** len(part) for whole, part, unit in parts)
    return put_bytes(number, put_varint(1, -size if value.startswith("-") else size))


def _quantity(value: Value) -> str:
    return _text(dict(wire.fields(_raw(value))).get(1, b"")) or "0"


def _int_or_string(value: Value) -> int | str:
    parts = dict(wire.fields(_raw(value)))
    return _text(parts.get(3, b"")) if parts.get(1) else _int32(parts.get(2, 0))


def _put_int_or_string(number: int, value: int | str) -> bytes:
    is_text = isinstance(value, str)
    body = put_varint(1, is_text) + put_varint(2, 0 if is_text else value)
    return put_bytes(number, body + put_bytes(3, value.encode() if is_text else b""))


def _json(value: Value) -> Any:
    raw = wire.submessages(_raw(value)).get(1, b"")
    try:
        return orjson.loads(raw) if raw else None
    except orjson.JSONDecodeError as why:
        raise WireError(f"raw JSON inside protobuf: {why}") from None


def _put_json(number: int, value: Any) -> bytes:
    return put_bytes(number, put_bytes(1, orjson.dumps(value)))


def _strings(value: Value) -> list[str]:
    """A list that JSON has bare and protobuf in a message of its own: values of extra, verbs."""
    return [_text(item) for number, item in wire.fields(_raw(value)) if number == 1]


def _double(value: Value) -> float:
    if not isinstance(value, bytes) or len(value) != 8:
        raise WireError("proto: wrong wireType")
    return wire.double(value)


_RAW_JSON = Codec(_json, _put_json)

CODECS: dict[str, Codec] = {
    "string": Codec(_text, lambda number, value: put_bytes(number, value.encode())),
    "bytes": Codec(lambda value: b64encode(_raw(value)).decode(),
                   lambda number, value: put_bytes(number, b64decode(value))),
    "bool": Codec(lambda value: bool(_number(value)), put_varint),
    "int32": Codec(_int32, put_varint),
    "int64": Codec(_number, put_varint),
    "double": Codec(_double, wire.put_double),
    "list<string>": Codec(_strings, lambda number, value: put_bytes(
        number, b"".join(put_bytes(1, item.encode()) for item in value))),
    "meta/v1.Time": Codec(_time, _put_time),
    "meta/v1.MicroTime": Codec(_micro_time, _put_time),
    "meta/v1.Duration": Codec(_duration, _put_duration),
    "resource.Quantity": Codec(_quantity, lambda number, value: put_bytes(number, put_bytes(1, value.encode()))),
    "intstr.IntOrString": Codec(_int_or_string, _put_int_or_string),
    "meta/v1.FieldsV1": _RAW_JSON,
    "runtime.RawExtension": _RAW_JSON,
    "any": _RAW_JSON,
    "json": _RAW_JSON,
}

# What a field that is no pointer holds when nobody set it: written in protobuf all the same, left out of JSON.
ZEROS: dict[str, Any] = {
    "string": "", "bytes": "", "bool": False, "int32": 0, "int64": 0, "double": 0.0,
    "meta/v1.Time": None, "meta/v1.MicroTime": None, "meta/v1.Duration": "0s", "resource.Quantity": "0",
    "intstr.IntOrString": 0,
}
