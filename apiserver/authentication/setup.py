"""Everything about identity that the flags decide, made once at start.

Real Kubernetes: pkg/kubeapiserver/options/authentication.go.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from apiserver.authentication import chain, issuer
from apiserver.authentication.authenticator import Authenticator
from apiserver.authentication.bearer import Tokens
from apiserver.authentication.issuer import Issuer
from apiserver.authentication.keys import UnusableKey
from apiserver.authentication.living import PLURALS
from apiserver.authentication.token_file import TokenFileError
from apiserver.config import Config
from apiserver.storage.interface import Cacher


class Misconfigured(Exception):
    """Which flag, or file of a flag, cannot be used."""


@dataclass(frozen=True)
class Identity:
    """Who makes tokens, who knows tokens, and who knows requests."""

    issuer: Issuer
    tokens: Tokens
    authenticators: tuple[Authenticator, ...]

    def documents(self, jwks_uri: str) -> dict[str, tuple[str, Any]]:
        """What is published for those who check tokens themselves: path -> media type and document."""
        return {
            "/.well-known/openid-configuration": ("application/json", self.issuer.discovery(jwks_uri)),
            "/openid/v1/jwks": ("application/jwk-set+json", self.issuer.jwks()),
        }


def identity(config: Config, cachers: Mapping[str, Cacher]) -> Identity:
    """`cachers` by plural: those of `NEEDED`."""
    try:
        issued_by = issuer.from_config(config)
        tokens = chain.token_authenticators(config, issued_by, cachers)
        return Identity(issued_by, tokens, chain.authenticators(config, tokens))
    except (UnusableKey, TokenFileError, OSError, ValueError) as error:
        raise Misconfigured(f"cannot authenticate anybody: {error}") from None


NEEDED = frozenset(PLURALS.values())
