"""Query parameters: what they mean, and what is refused."""

from __future__ import annotations

import pytest

from apiserver import options
from apiserver.options import Token
from machinery.api.errors import BadRequest, Invalid


def test_tokens_come_back_as_they_went() -> None:
    token = Token(7, "/registry/pods/default/web")
    assert options.decode_token(options.encode_token(token)) == token
    for nonsense in ("", "x", "e30", "bm8"):
        with pytest.raises(BadRequest, match="continue key is not valid"):
            options.decode_token(nonsense)


def test_list_options() -> None:
    query = {"labelSelector": "a=b", "limit": "5", "resourceVersion": "0", "allowWatchBookmarks": "true"}
    wanted = options.list_options(query)
    assert wanted.selective and wanted.limit == 5 and wanted.revision == 0 and wanted.bookmarks
    assert options.list_options({}).label_selector is None
    assert options.list_options({"limit": "-3"}).limit == 0


@pytest.mark.parametrize(
    ("query", "field"),
    [
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
    assert [cause.field for cause in refused.value.causes] == [field]


def test_write_options() -> None:
    wanted = options.write_options({"dryRun": "All", "fieldManager": "me", "fieldValidation": "Strict"})
    assert wanted.dry_run and wanted.field_manager == "me" and wanted.field_validation == "Strict"
    for query in ({"dryRun": "Some"}, {"fieldValidation": "Sometimes"}):
        with pytest.raises(Invalid):
            options.write_options(query)
    with pytest.raises(BadRequest):
        options.number({"limit": "many"}, "limit")
