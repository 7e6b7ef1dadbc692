"""Quantities: Go's canonical form, exact arithmetic, rounding away from zero."""

from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from machinery.api import quantity
from machinery.api.quantity import QuantityError


@pytest.mark.parametrize(("text", "canonical"), [
    ("0", "0"), ("0Ki", "0"), ("-0", "0"), ("1000m", "1"), ("0.5", "500m"), ("1500m", "1500m"), ("2000", "2k"),
    ("1024Ki", "1Mi"), ("1025Ki", "1025Ki"), ("1.5Gi", "1536Mi"), ("0.5Ki", "512"), ("1023", "1023"),
    ("1024", "1024"), ("1e3", "1e3"), ("10e2", "1e3"), ("100e3", "100e3"), ("1500e0", "1500"), ("0.001e3", "1"),
    ("1E", "1E"), ("1E3", "1e3"), ("1Ei", "1Ei"), ("100Mi", "100Mi"), ("123456789", "123456789"), (".5", "500m"),
    ("5.", "5"), ("+1", "1"), ("-1.5Gi", "-1536Mi"), ("0.1n", "1n"), ("-0.1n", "-1n"), ("1u", "1u"), ("1e-3", "1e-3"),
    ("1.0001Ki", "1024102400u"), ("0.0001Ki", "102400u"), ("00100", "100"), ("12.34", "12340m"), (" 1Gi ", "1Gi"),
    ("1e-999999999", "1e-9"), ("7.9Ei", "9108079886394091110400m"), ("99999999999999999999", "99999999999999999999"),
    ("8Ei", "9223372036854775807"), ("-9Ei", "-9223372036854775807"), ("1001E", "1001E"), ("9.3E", "9300P"),
])
def test_canonical_form_is_gos(text: str, canonical: str) -> None:
    assert quantity.canonical(text) == canonical


@pytest.mark.parametrize("text", ["", "abc", "1.2.3Gi", ".", "Gi", "--1", "1 Gi", "1\n", "½"])
def test_no_quantity(text: str) -> None:
    with pytest.raises(QuantityError, match="quantities must match the regular expression"):
        quantity.parse(text)


@pytest.mark.parametrize("text", ["1i", "0.1mi", "1e", "1Ee3", "1-", "1K", "1ki", "1e99999999999"])
def test_no_suffix(text: str) -> None:
    with pytest.raises(QuantityError, match="unable to parse quantity's suffix"):
        quantity.parse(text)


@pytest.mark.parametrize(("text", "value", "milli"), [
    ("1", 1, 1000), ("1500m", 2, 1500), ("1m", 1, 1), ("1u", 1, 1), ("1Gi", 2**30, 2**30 * 1000), ("-1500m", -2, -1500),
    ("0", 0, 0), ("1e999999999", 2**63 - 1, 2**63 - 1), ("-1e999999999", 1 - 2**63, 1 - 2**63),
])
def test_whole_numbers(text: str, value: int, milli: int) -> None:
    assert (quantity.value(text), quantity.milli_value(text)) == (value, milli)


def test_numbers_become_quantities() -> None:
    assert quantity.format_decimal(2**20, "binary") == "1Mi"
    assert quantity.format_decimal(Decimal("0.25")) == "250m"
    assert quantity.format_decimal(2000, "exponent") == "2e3"
    assert quantity.format_like(3 * 2**30, "1Mi") == "3Gi"


def test_sums_keep_the_first_family() -> None:
    assert quantity.add("500m", "1") == "1500m"
    assert quantity.add("1Gi", "512Mi") == "1536Mi"
    assert quantity.add("0", "1Ki") == "1Ki"


def test_resource_lists_are_rounded_to_thousandths() -> None:
    assert quantity.rounded_to_milli("1u") == "1m"
    assert quantity.rounded_to_milli("0.1005") == "101m"
    assert quantity.rounded_to_milli("1024Mi") == "1Gi"


suffixes = st.sampled_from(["n", "u", "m", "", "k", "M", "G", "T", "P", "E", "Ki", "Mi", "Gi", "e3", "E-2", "e0"])
numbers = st.decimals(-10**9, 10**9, places=3, allow_nan=False).map(lambda number: f"{number:f}")
quantities = st.builds(str.__add__, numbers, suffixes)


@given(quantities)
def test_canonical_form_means_the_same_and_is_final(text: str) -> None:
    canonical = quantity.canonical(text)
    assert quantity.parse(canonical) == quantity.parse(text)
    assert quantity.canonical(canonical) == canonical


@given(quantities)
def test_canonical_form_has_no_fraction_and_no_waste(text: str) -> None:
    canonical = quantity.canonical(text)
    assert "." not in canonical
    assert not canonical.removesuffix("0").endswith("00") or canonical == "0"


@given(quantities)
def test_value_rounds_away_from_zero(text: str) -> None:
    exact = quantity.parse(text)
    wanted = math.ceil(exact) if exact > 0 else math.floor(exact)
    assert quantity.value(text) == max(min(wanted, 2**63 - 1), 1 - 2**63)


@example("244140.625Ki", "9.224E")
@given(quantities, quantities)
def test_sum_is_exact(first: str, second: str) -> None:
    wanted, found = quantity.parse(first) + quantity.parse(second), quantity.parse(quantity.add(first, second))
    capped = "binary" in (quantity.family(first), quantity.family(second)) and abs(found) == 2**63 - 1
    assert abs(found - wanted) <= abs(wanted) * Decimal("1e-27") or (capped and abs(wanted) > abs(found))


@given(quantities)
def test_numbers_return_as_they_came(text: str) -> None:
    assert quantity.format_like(quantity.parse(text), text) == quantity.canonical(text)


@given(st.text(alphabet="0123456789.+-eEinumkKMGTP", max_size=12))
def test_any_text_is_read_or_refused(text: str) -> None:
    try:
        assert quantity.canonical(quantity.canonical(text)) == quantity.canonical(text)
    except QuantityError:
        return
