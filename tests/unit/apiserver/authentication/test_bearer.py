"""Where a token is looked for, and who is asked whose it is."""

from __future__ import annotations

import base64

import pytest

from apiserver.authentication.authenticator import Answer, Rejected
from apiserver.authentication.bearer import PROTOCOL, Tokens, token_of_header, token_of_protocols
from apiserver.user import User


@pytest.mark.parametrize(
    ("header", "token"),
    [("Bearer abc", "abc"), ("bearer abc", "abc"), ("Basic abc", ""), ("Bearer", ""), ("Bearer a b", "a"), ("", "")],
)
def test_headers(header: str, token: str) -> None:
    assert token_of_header(header) == token


def test_sub_protocols() -> None:
    carried = PROTOCOL + base64.urlsafe_b64encode(b"se-cret").rstrip(b"=").decode()
    assert token_of_protocols(f"{carried}, v5.channel.k8s.io") == "se-cret"
    assert token_of_protocols("v5.channel.k8s.io") == ""
    for header in (carried, f"{carried},{carried},x", f"{PROTOCOL}%%,x"):
        with pytest.raises(Rejected) as error:
            token_of_protocols(header)
        assert "se-cret" not in str(error.value)


async def test_the_first_who_knows_decides_and_reasons_are_kept() -> None:
    async def knows_a(token: str, audiences: tuple[str, ...]) -> Answer | None:
        return Answer(User("a"), audiences) if token == "a" else None

    async def refuses_b(token: str, audiences: tuple[str, ...]) -> Answer | None:
        if token == "b":
            raise Rejected("b has expired")
        return None

    tokens = Tokens((refuses_b, knows_a), ("api",))
    assert (await tokens.authenticate("a", ("api",))).user == User("a")
    for token, why in (("b", "[invalid bearer token, b has expired]"), ("c", "invalid bearer token")):
        with pytest.raises(Rejected) as error:
            await tokens.authenticate(token, ("api",))
        assert str(error.value) == why
