"""Query parameters: what they mean, and what is refused."""

from __future__ import annotations

import pytest

from apiserver import options
from machinery.api.errors import BadRequest, Invalid


def test_list_options() -> None:
    query = {"labelSelector": "a=b", "limit": "5", "resourceVersion": "0", "allowWatchBookmarks": "true"}
    wanted = options.list_options(query)
    assert wanted.selective and wanted.limit == 5 and wanted.revision == 0 and wanted.bookmarks
    assert options.list_options({}).label_selector is None
    assert options.list_options({"limit": "-3"}).limit == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ({"watch": "1", "resourceVersionMatch": "Exact", "sendInitialEvents": "0"}, "resourceVersionMatch"),
        ({"resourceVersionMatch": "Exact"}, "resourceVersionMatch"),
        ({"resourceVersionMatch": "Exact", "resourceVersion": "0"}, "resourceVersionMatch"),
        ({"resourceVersionMatch": "Exact", "resourceVersion": "1", "continue": "x"}, "resourceVersionMatch"),
        ({"resourceVersionMatch": "Often", "resourceVersion": "1"}, "resourceVersionMatch"),
        ({"resourceVersion": "abc"}, "resourceVersion"),
        ({"sendInitialEvents": "true"}, "sendInitialEvents"),
        ({"watch": "true", "sendInitialEvents": "true"}, "resourceVersionMatch"),
        ({"watch": "true", "resourceVersionMatch": "NotOlderThan", "resourceVersion": "1"}, "resourceVersionMatch"),
    ],
)
def test_contradictions(query: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        options.list_options(query)
    assert {cause.field for cause in refused.value.causes} == {field}


@pytest.mark.parametrize(
    ("text", "expected"), [("", True), ("true", True), ("yes", True), ("false", False), ("FALSE", False), ("0", False)]
)
def test_flags(text: str, expected: bool) -> None:
    assert options.flag({"watch": text}, "watch") is expected
    assert options.flag({}, "watch") is False


@pytest.mark.parametrize("text", ["", "x", "1_000", " 1", "٣", "9" * 30, "-9223372036854775809", "1e3"])
def test_numbers_that_are_none(text: str) -> None:
    with pytest.raises(BadRequest, match=r"strconv\.ParseInt: parsing"):
        options.number({"limit": text}, "limit")


@pytest.mark.parametrize("text", ["-1", "+1", "x", "١", "9" * 30, str(2**64)])
def test_resource_versions_that_are_none(text: str) -> None:
    with pytest.raises(Invalid, match=r"strconv\.ParseUint: parsing"):
        options.revision(text)


@pytest.mark.parametrize(
    ("query", "exact"),
    [
        ({"resourceVersion": "5", "resourceVersionMatch": "Exact"}, True),
        ({"resourceVersion": "5", "limit": "2"}, True),
        ({"resourceVersion": "5", "limit": "2", "resourceVersionMatch": "NotOlderThan"}, False),
        ({"resourceVersion": "0", "limit": "2"}, False),
        ({"resourceVersion": "5"}, False),
        ({"limit": "2"}, False),
    ],
)
def test_when_just_one_revision_is_meant(query: dict[str, str], exact: bool) -> None:
    assert options.list_options(query).exact is exact


def test_write_options() -> None:
    wanted = options.write_options({"dryRun": "All", "fieldManager": "me", "fieldValidation": "Strict"})
    assert wanted.dry_run and wanted.field_manager == "me" and wanted.field_validation == "Strict"
    for query in ({"dryRun": "Some"}, {"fieldValidation": "Sometimes"}):
        with pytest.raises(Invalid):
            options.write_options(query)
    with pytest.raises(BadRequest):
        options.number({"limit": "many"}, "limit")
