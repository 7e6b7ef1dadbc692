"""Documents with an ETag: who has them is told so, who can take gzip gets the one packed copy."""

from __future__ import annotations

import gzip

import pytest

from apiserver.encoding.published import Published, known

BODY = b'{"paths":{}}' * 1000


async def test_the_document_and_its_tag() -> None:
    answer = await Published(BODY, "application/json").answer({}, cache="public")
    assert answer.status == 200 and answer.body == BODY
    assert answer.headers["Cache-Control"] == "public" and answer.headers["Vary"] == "Accept"
    tag = answer.headers["ETag"]
    assert len(tag) == 130 and tag.strip('"').upper() == tag.strip('"')
    again = await Published(BODY, "application/json").answer({"If-None-Match": tag}, cache="public")
    assert again.status == 304 and again.headers["ETag"] == tag and not again.body


async def test_it_is_packed_once() -> None:
    document = Published(BODY, "application/json")
    answers = [await document.answer({"Accept-Encoding": "gzip"}, cache="public", smallest=1000) for _ in range(2)]
    assert answers[0].body is answers[1].body and gzip.decompress(answers[0].body) == BODY
    assert answers[0].headers["Vary"] == "Accept, Accept-Encoding"
    plain = await document.answer({"Accept-Encoding": "gzip"}, cache="public")
    assert plain.body == BODY, "smaller than what is worth packing"


@pytest.mark.parametrize(
    ("sent", "is_known"), [("", False), ('"A"', True), ('W/"A"', True), ('"B", "A"', True), ("*", True), ("A", False)]
)
def test_tags_in_a_list_and_weak_ones(sent: str, is_known: bool) -> None:
    assert known(sent, '"A"') is is_known
