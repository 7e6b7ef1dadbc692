"""Warnings are headers: whatever is in them, they must leave the answer whole."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver import replies
from apiserver.call import Call
from apiserver.request_info import parse


def warned(*warnings: str) -> web.Response:
    call = Call(make_mocked_request("GET", "/"), parse("GET", "/", watch=False))
    call.warnings += warnings
    return replies.raw(b"{}", call)


@pytest.mark.parametrize(("said", "sent"), [
    ('a "b" \\', '299 - "a \\"b\\" \\\\"'),
    ("two\r\nlines", '299 - "two  lines"'),
    ("\x00\x7f\u2028é", '299 - "   é"'),
])  # fmt: skip
def test_warnings_fit_in_a_header(said: str, sent: str) -> None:
    assert warned(said, said).headers.getall("Warning") == [sent]


def test_warnings_are_not_endless() -> None:
    assert replies.bounded(["a" * 4000]) == ["a" * 4000]
    many = replies.bounded([f"{n} {'a' * 400}" for n in range(40)])
    assert len(many) == 16 and {len(each) for each in many} == {256}
