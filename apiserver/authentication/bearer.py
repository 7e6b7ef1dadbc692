"""Bearer tokens: taken from the Authorization header, or from a WebSocket's sub-protocols, and shown to each
token authenticator in turn.

Browsers cannot set headers on WebSockets: `base64url.bearer.authorization.k8s.io.<token>` stands for the header.
Real Kubernetes: authentication/request/{bearertoken,websocket} and token/union in k8s.io/apiserver.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence

from aiohttp import web

from apiserver.authentication.authenticator import Answer, Audiences, Rejected, TokenAuthenticator
from apiserver.user import User

PROTOCOL = "base64url.bearer.authorization.k8s.io."
INVALID = "invalid bearer token"
REMARKS = "remarks"
"""Where a request keeps what the audit log shall say about its credential."""


class Tokens:
    """Every token authenticator as one; the first that knows the token decides."""

    def __init__(self, authenticators: Sequence[TokenAuthenticator], api_audiences: Audiences) -> None:
        self._authenticators = tuple(authenticators)
        self.api_audiences = api_audiences

    async def authenticate(self, token: str, audiences: Audiences) -> Answer:
        """The token's user; Rejected when nobody believes it."""
        reasons = [INVALID]
        for authenticator in self._authenticators:
            try:
                if (answer := await authenticator(token, audiences)) is not None:
                    return answer
            except Rejected as error:
                reasons.append(str(error))
        raise Rejected(INVALID if len(reasons) == 1 else f"[{', '.join(reasons)}]")

    async def bearer(self, request: web.BaseRequest) -> User | None:
        """The authenticator of requests with an Authorization header."""
        header = request.headers.get("Authorization")
        return None if header is None else await self._user(request, token_of_header(header))

    async def websocket(self, request: web.BaseRequest) -> User | None:
        """The authenticator of WebSockets that carry their token as a sub-protocol."""
        protocols = request.headers.get("Sec-WebSocket-Protocol")
        return None if protocols is None else await self._user(request, token_of_protocols(protocols))

    async def _user(self, request: web.BaseRequest, token: str) -> User | None:
        if not token:
            return None
        answer = await self.authenticate(token, self.api_audiences)
        if answer.remarks:
            request[REMARKS] = dict(answer.remarks)
        return answer.user


def token_of_header(header: str) -> str:
    """The token of `Bearer <token>`."""
    scheme, _, rest = header.strip().partition(" ")
    return rest.partition(" ")[0] if scheme.lower() == "bearer" else ""


def token_of_protocols(header: str) -> str:
    """The token among a WebSocket's sub-protocols; it must not be the only one, for it cannot be spoken."""
    offered = [each.strip() for each in header.split(",")]
    encoded = [each.removeprefix(PROTOCOL) for each in offered if each.startswith(PROTOCOL)]
    if not encoded:
        return ""
    if len(encoded) > 1:
        raise Rejected("multiple base64.bearer.authorization tokens specified")
    if len(offered) == 1:
        raise Rejected("missing additional subprotocol")
    try:
        return base64.b64decode(encoded[0] + "=" * (-len(encoded[0]) % 4), b"-_", validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise Rejected("invalid base64.bearer.authorization token encoding") from None
