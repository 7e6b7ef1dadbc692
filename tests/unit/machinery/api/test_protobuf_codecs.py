"""Types that JSON and protobuf write differently."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import wire
from machinery.api.protobuf_codecs import CODECS
from machinery.api.wire import WireError


def there(kind: str, value: Any) -> bytes:
    """The field's bytes, without its tag and length."""
    [(number, data)] = wire.fields(CODECS[kind].encode(3, value))
    assert number == 3
    return data


def and_back(kind: str, value: Any) -> Any:
    return CODECS[kind].decode(there(kind, value))


@pytest.mark.parametrize(("kind", "value", "data"), [
    ("meta/v1.Time", "1970-01-01T00:00:01Z", "08011000"),
    ("meta/v1.Time", None, ""),
    ("meta/v1.MicroTime", "1970-01-01T00:00:01.000002Z", "080110d00f"),
    ("meta/v1.Duration", "1m0s", "0880b09dc2df01"),
    ("resource.Quantity", "500m", "0a043530306d"),
    ("intstr.IntOrString", 80, "080010501a00"),
    ("intstr.IntOrString", "http", "080110001a0468747470"),
    ("meta/v1.FieldsV1", {"f:a": {}}, "0a0a7b22663a61223a7b7d7d"),
    ("list<string>", ["a", "b"], "0a01610a0162"),
    ("bytes", "aGk=", "6869"),
])
def test_wire_form(kind: str, value: Any, data: str) -> None:
    assert there(kind, value).hex() == data
    assert and_back(kind, value) == value


@pytest.mark.parametrize(("text", "nanos"), [
    ("0s", 0), ("1ns", 1), ("1.5µs", 1500), ("2ms", 2 * 10**6), ("1s", 10**9), ("1.5s", 15 * 10**8),
    ("1h0m0.000000001s", 3600 * 10**9 + 1), ("-1m30s", -90 * 10**9),
])
def test_durations_are_gos(text: str, nanos: int) -> None:
    assert there("meta/v1.Duration", text) == wire.put_varint(1, nanos)
    assert and_back("meta/v1.Duration", text) == text


@given(st.integers(-(2**62), 2**62))
def test_every_duration_returns(nanos: int) -> None:
    text = CODECS["meta/v1.Duration"].decode(wire.put_varint(1, nanos))
    assert there("meta/v1.Duration", text) == wire.put_varint(1, nanos)


@given(st.datetimes(min_value=datetime(1, 1, 1), timezones=st.just(UTC)))
def test_every_time_returns(moment: datetime) -> None:
    micro = moment.isoformat(timespec="microseconds").replace("+00:00", "Z")
    assert and_back("meta/v1.MicroTime", micro) == micro
    whole = moment.replace(microsecond=0).isoformat().replace("+00:00", "Z")
    assert and_back("meta/v1.Time", whole) == whole


@given(st.integers(-(2**31), 2**31 - 1) | st.text(max_size=5))
def test_every_int_or_string_returns(value: int | str) -> None:
    assert and_back("intstr.IntOrString", value) == value


@given(st.sampled_from(sorted(CODECS)), st.binary(max_size=20) | st.integers(0, 2**64 - 1))
def test_any_value_is_read_or_refused(kind: str, value: Any) -> None:
    try:
        CODECS[kind].decode(value)
    except (WireError, UnicodeDecodeError):
        return
