"""YAML's scalars as kubectl reads and writes them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from machinery.api import yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("n", False), ("Yes", True), ("on", True), ("true", True), ("~", None), ("", None), ("null", None),
        ("0644", 420), ("0o644", 420), ("0x1F", 31), ("1_000", 1000), ("-7", -7), ("010", 8), ("1e3", 1000),
        ("3.14", 3.14), (".5", 0.5), ("12:30", "12:30"), ("2024-01-01", "2024-01-01"), ("'1'", "1"), ("1.2.3", "1.2.3"),
        ("10.0.0.1", "10.0.0.1"), ("80:80", "80:80"), ("1Gi", "1Gi"), ("« 10 »", "« 10 »"),
    ],
)  # fmt: skip
def test_plain_scalars(text: str, value: object) -> None:
    assert yaml.load(f"key: {text}") == {"key": value}


def test_keys_are_text() -> None:
    assert yaml.load("{y: 1, 2: 3}") == {"true": 1, "2": 3}


def test_anchors_and_merge_keys() -> None:
    assert yaml.load("a: &a {x: 1}\nb: {<<: *a, z: 2}") == {"a": {"x": 1}, "b": {"x": 1, "z": 2}}


def test_several_documents() -> None:
    assert list(yaml.load_all("a: 1\n---\nb: 2\n---\n")) == [{"a": 1}, {"b": 2}, None]


def test_a_mistake_names_its_line() -> None:
    with pytest.raises(yaml.Error, match="line 2"):
        yaml.load("a: 1\n b: 2: 3")


def test_output_is_kubectls() -> None:
    document = {"n": "true", "b": [{"c": "1", "a": []}], "t": "2024-01-01T00:00:00Z", "m": "a\nb\n", "e": "", "z": None}
    assert yaml.dump(document) == (
        'b:\n- a: []\n  c: "1"\ne: ""\nm: |\n  a\n  b\n"n": "true"\nt: "2024-01-01T00:00:00Z"\nz: null\n'
    )


printable = st.text(st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"]) | st.just("\n"), max_size=20)
documents = st.recursive(
    st.none() | st.booleans() | st.integers() | printable,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(printable, inner, max_size=4),
    max_leaves=12,
)


@given(documents)
def test_what_is_written_reads_back_the_same(document: object) -> None:
    assert yaml.load(yaml.dump(document)) == document
