"""Tokens of paged lists: they come back as they went, and nothing that a client makes up leaves its list."""

from __future__ import annotations

import base64

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from apiserver.continue_token import NEWEST, Token, decode, encode, expired
from machinery.api.errors import BadRequest

PODS = "/registry/pods/"


def made(**document: object) -> str:
    return base64.urlsafe_b64encode(orjson.dumps(document)).rstrip(b"=").decode()


@given(st.integers(1, 2**63 - 1), st.from_regex(r"[a-z0-9.-]{1,20}/[a-z0-9]{1,20}", fullmatch=True))
def test_they_come_back_as_they_went(revision: int, rest: str) -> None:
    token = Token(revision, PODS + rest)
    if ".." not in rest and "./" not in rest:
        assert decode(encode(token, PODS), PODS) == token


def test_the_text_is_kubernetes_own() -> None:
    text = encode(Token(7, PODS + "default/web"), PODS)
    plain = orjson.loads(base64.urlsafe_b64decode(text + "=="))
    assert plain == {"v": "meta.k8s.io/v1", "rv": 7, "start": "default/web\0"}


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("x", "continue key is not valid"),
        ("!!", "continue key is not valid"),
        (made(v="meta.k8s.io/v2", rv=1, start="a"), "server does not recognize this encoded version meta.k8s.io/v2"),
        (made(v="meta.k8s.io/v1", rv=0, start="a"), "incorrect encoded start resourceVersion"),
        (made(v="meta.k8s.io/v1", rv=1, start=""), "encoded start key empty"),
        (made(v="meta.k8s.io/v1", rv=1, start="../secrets/a"), "continue key is not valid: ../secrets/a"),
        (made(v="meta.k8s.io/v1", rv="1", start="a"), "continue key is not valid"),
        (made(v="meta.k8s.io/v1", rv=2**63, start="a"), "continue key is not valid"),
    ],
)
def test_what_no_server_made(text: str, why: str) -> None:
    with pytest.raises(BadRequest, match="invalid continue token: continue key is not valid") as refused:
        decode(text, PODS)
    assert why in refused.value.message


@given(st.text(max_size=40))
def test_any_text_is_understood_or_refused(text: str) -> None:
    try:
        token = decode(text, PODS)
    except BadRequest:
        return
    assert token.after.startswith(PODS)


def test_an_expired_token_says_how_to_go_on() -> None:
    status = expired(Token(7, PODS + "default/web"), PODS).to_dict()
    assert (status["code"], status["reason"]) == (410, "Expired")
    assert decode(status["metadata"]["continue"], PODS) == Token(NEWEST, PODS + "default/web")
