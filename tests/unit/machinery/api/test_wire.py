"""The protobuf wire: numbers, fields, and refusal of broken bytes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import wire
from machinery.api.wire import WireError


@pytest.mark.parametrize(("number", "data"), [
    (0, "00"), (1, "01"), (127, "7f"), (128, "8001"), (300, "ac02"), (-1, "ffffffffffffffffff01"),
])
def test_varints(number: int, data: str) -> None:
    assert wire.varint(number).hex() == data
    value, end = wire.read_varint(bytes.fromhex(data), 0)
    assert (wire.signed(value), end) == (number, len(data) // 2)


@given(st.integers(-(2**63), 2**63 - 1))
def test_every_int64_returns(number: int) -> None:
    assert wire.signed(wire.read_varint(wire.varint(number), 0)[0]) == number


@given(st.lists(st.tuples(st.integers(1, 2**29 - 1), st.integers(0, 2**64 - 1) | st.binary(max_size=200))))
def test_fields_return(many: list[tuple[int, int | bytes]]) -> None:
    data = b"".join(wire.put_varint(number, value) if isinstance(value, int) else wire.put_bytes(number, value)
                    for number, value in many)
    assert list(wire.fields(data)) == many


@given(st.floats(allow_nan=False))
def test_doubles_return(number: float) -> None:
    [(field, value)] = wire.fields(wire.put_double(7, number))
    assert (field, wire.double(value)) == (7, number)


@pytest.mark.parametrize(("data", "why"), [
    ("0a05", "unexpected EOF"), ("80", "unexpected EOF"), ("0b", "wiretype 3"), ("00", "illegal tag 0"),
    ("ff" * 11, "integer overflow"), ("0d0000", "unexpected EOF"),
])
def test_broken_bytes(data: str, why: str) -> None:
    with pytest.raises(WireError, match=why):
        list(wire.fields(bytes.fromhex(data)))


def test_submessages() -> None:
    assert wire.submessages(wire.put_bytes(1, b"a") + wire.put_bytes(2, b"")) == {1: b"a", 2: b""}
    with pytest.raises(WireError, match="wrong wireType"):
        wire.submessages(wire.put_varint(1, 1))


@given(st.binary(max_size=40))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        list(wire.fields(data))
    except WireError:
        return
