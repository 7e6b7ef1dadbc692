"""The protobuf wire format: varints, tags, and fields with a length.

Pure and ignorant of Kubernetes: `fields` takes a message apart into (number, value), the `put_*` functions write one
field each. Left out: groups and 32-bit fields, which no Kubernetes message has.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

VARINT, FIXED64, LENGTH, FIXED32 = 0, 1, 2, 5


class WireError(ValueError):
    """Bytes that are no protobuf message."""


def varint(number: int) -> bytes:
    """Base 128, lowest first; a negative number as its 64-bit two's complement."""
    if 0 <= number < _KEPT:
        return _VARINTS[number]
    return _varint(number)


def _varint(number: int) -> bytes:
    number &= 2**64 - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


_KEPT = 4096
_VARINTS = tuple(_varint(number) for number in range(_KEPT))
"""Tags, sizes and most numbers are small, and asked for all the time."""


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """The unsigned value and where it ends."""
    value = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            raise WireError("unexpected EOF")
        byte = data[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value & (2**64 - 1), at
    raise WireError("proto: integer overflow")


def signed(value: int) -> int:
    """An unsigned 64-bit value as int64."""
    return value - 2**64 if value >= 2**63 else value


def fields(data: bytes) -> Iterator[tuple[int, int | bytes]]:
    """(number, value) of every field: an unsigned int for a varint, the raw bytes otherwise."""
    at, end = 0, len(data)
    while at < end:
        tag, at = (data[at], at + 1) if data[at] < 0x80 else read_varint(data, at)
        number, kind = tag >> 3, tag & 7
        if number == 0:
            raise WireError(f"proto: illegal tag 0 (wire type {kind})")
        if kind == VARINT:
            value, at = read_varint(data, at)
            yield number, value
            continue
        if kind == LENGTH and at < end and data[at] < 0x80:
            size, at = data[at], at + 1
        else:
            size, at = _size(data, at, kind)
        if at + size > end:
            raise WireError("unexpected EOF")
        yield number, data[at:at + size]
        at += size


def submessages(data: bytes) -> dict[int, bytes]:
    """The fields of a message in which every field has a length."""
    found = dict(fields(data))
    if any(isinstance(value, int) for value in found.values()):
        raise WireError("proto: wrong wireType")
    return found  # type: ignore[return-value]


def _size(data: bytes, at: int, kind: int) -> tuple[int, int]:
    if kind == LENGTH:
        return read_varint(data, at)
    if kind in (FIXED64, FIXED32):
        return (8 if kind == FIXED64 else 4), at
    raise WireError(f"proto: wiretype {kind} is not known")


def put_varint(number: int, value: int) -> bytes:
    return varint(number << 3 | VARINT) + varint(value)


def put_bytes(number: int, value: bytes) -> bytes:
    return varint(number << 3 | LENGTH) + varint(len(value)) + value


def put_double(number: int, value: float) -> bytes:
    return varint(number << 3 | FIXED64) + struct.pack("<d", value)


def double(value: bytes) -> float:
    return float(struct.unpack("<d", value)[0])
