"""The list of authenticators: who decides when several could."""

from __future__ import annotations

import pytest
from aiohttp import web
from aiohttp.test_utils import make_mocked_request

from apiserver.authentication.authenticator import Rejected
from apiserver.authentication.bearer import Tokens
from apiserver.authentication.chain import anonymous, authenticate, authenticators
from apiserver.config import Config
from apiserver.user import ANONYMOUS, User
from machinery.api.errors import Unauthorized

PLAIN = make_mocked_request("GET", "/")
BEARING = make_mocked_request("GET", "/", headers={"Authorization": "Basic eDp5"})


async def silent(request: web.BaseRequest) -> User | None:
    return None


async def refuses(request: web.BaseRequest) -> User | None:
    raise Rejected("expired")


async def knows(request: web.BaseRequest) -> User | None:
    return User("jane")


async def test_the_first_who_knows_decides() -> None:
    assert await authenticate((silent, knows, refuses), PLAIN) == User("jane")
    assert await authenticate((refuses, knows, anonymous), PLAIN) == User("jane"), "a better credential outdoes"


async def test_nobody_and_anonymous() -> None:
    assert await authenticate((silent, anonymous), PLAIN) is ANONYMOUS
    for chain, request in (((silent,), PLAIN), ((refuses, anonymous), PLAIN), ((silent, anonymous), BEARING)):
        with pytest.raises(Unauthorized):
            await authenticate(chain, request)


def test_flags_make_the_list() -> None:
    tokens = Tokens((), ())
    assert authenticators(Config(), tokens)[-1] is anonymous
    assert anonymous not in authenticators(Config(anonymous_auth=False), tokens)
