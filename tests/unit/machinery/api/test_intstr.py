"""Numbers and shares of a total."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api.intstr import IntOrStringError, is_percent, scaled_value


@pytest.mark.parametrize(("value", "total", "round_up", "expected"), [
    (3, 10, True, 3), ("25%", 10, True, 3), ("25%", 10, False, 2), ("0%", 10, True, 0), ("100%", 7, False, 7),
    ("150%", 2, True, 3), ("25%", 0, True, 0),
])
def test_scaled_value(value: int | str, total: int, round_up: bool, expected: int) -> None:
    assert scaled_value(value, total, round_up) == expected


@pytest.mark.parametrize(("value", "message"), [
    ("http", "invalid value for IntOrString: invalid type: string is not a percentage"),
    ("3", "invalid value for IntOrString: invalid type: string is not a percentage"),
    ("x%", 'invalid value for IntOrString: invalid value "x%"'),
])
def test_other_strings_are_refused(value: str, message: str) -> None:
    with pytest.raises(IntOrStringError) as refused:
        scaled_value(value, 10, True)
    assert str(refused.value) == message


def test_is_percent() -> None:
    assert is_percent("10%")
    assert not is_percent("10") and not is_percent(10) and not is_percent("-1%")


@given(st.integers(0, 1000), st.integers(0, 10**6), st.booleans())
def test_shares_are_exact(percent: int, total: int, round_up: bool) -> None:
    exact = percent * total
    wanted = math.ceil(exact / 100) if round_up else math.floor(exact / 100)
    assert scaled_value(f"{percent}%", total, round_up) == wanted
