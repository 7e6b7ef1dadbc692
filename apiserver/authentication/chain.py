"""Who asks: an ordered list of authenticators; the first that recognises the request decides.

A credential that nobody believes is refused, even if its bearer could also come without one.
Real Kubernetes: pkg/kubeapiserver/authenticator/config.go puts the list together.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

from aiohttp import web

from apiserver.authentication import request_header
from apiserver.authentication.authenticator import Authenticator, Rejected, TokenAuthenticator
from apiserver.authentication.bearer import Tokens
from apiserver.authentication.bootstrap_token import bootstrap_token
from apiserver.authentication.certificates import Authorities
from apiserver.authentication.client_certificate import client_certificate
from apiserver.authentication.issuer import Issuer
from apiserver.authentication.living import Living
from apiserver.authentication.service_account_token import ServiceAccountTokens
from apiserver.authentication.token_file import token_file
from apiserver.config import Config
from apiserver.storage.interface import Cacher
from apiserver.user import ANONYMOUS, User
from machinery.api.errors import Unauthorized

log = logging.getLogger(__name__)


def token_authenticators(config: Config, issuer: Issuer, cachers: Mapping[str, Cacher]) -> Tokens:
    """Those who know bearer tokens, in order. `cachers` by plural."""
    audiences = issuer.api_audiences
    found: list[TokenAuthenticator] = []
    if config.token_auth_file:
        found.append(token_file(config.token_auth_file, audiences))
    found.append(ServiceAccountTokens(issuer.names, issuer.keys, Living(cachers), api_audiences=audiences))
    if config.enable_bootstrap_token_auth:
        found.append(bootstrap_token(cachers["secrets"], audiences))
    return Tokens(found, audiences)


def authenticators(config: Config, tokens: Tokens) -> tuple[Authenticator, ...]:
    """Everybody who may know who asks, in order."""
    found: list[Authenticator] = []
    if config.requestheader_client_ca_file:
        found.append(request_header.from_config(config))
    if config.client_ca_file:
        found.append(client_certificate(Authorities.of_file(config.client_ca_file)))
    found += [tokens.bearer, tokens.websocket]
    if config.anonymous_auth and "AlwaysAllow" not in config.authorization_mode:
        found.append(anonymous)
    return tuple(found)


async def anonymous(request: web.BaseRequest) -> User | None:
    """Whoever shows nothing; a header that nobody understood is something."""
    return None if "Authorization" in request.headers else ANONYMOUS


async def authenticate(authenticators: Sequence[Authenticator], request: web.BaseRequest) -> User:
    """The first answer of the list; what one of them has refused may only be outdone by a better credential."""
    refused: list[str] = []
    for authenticator in authenticators:
        if authenticator is anonymous and refused:
            break
        try:
            if (user := await authenticator(request)) is not None:
                return user
        except Rejected as error:
            refused.append(str(error))
    if refused:
        log.info("cannot authenticate %s: %s", request.remote, "; ".join(refused))
    raise Unauthorized()


