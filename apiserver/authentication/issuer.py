"""The issuer of service account tokens: signs claims with one key.

Real Kubernetes: JWTTokenGenerator in pkg/serviceaccount/jwt.go; the flags' rules in pkg/kubeapiserver/options.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import jwt
import orjson

from apiserver.authentication.keys import (
    SigningKey,
    UnusableKey,
    VerificationKey,
    read_signing_key,
    read_verification_keys,
)
from apiserver.config import Config

_jws = jwt.PyJWS()


@dataclass(frozen=True)
class Issuer:
    """`names` are all accepted, the first one signs; `longest` is how long a token may hold, 0 for any time."""

    names: tuple[str, ...]
    signing: SigningKey
    keys: tuple[VerificationKey, ...]
    api_audiences: tuple[str, ...]
    longest: int = 0
    extend: bool = True

    @property
    def name(self) -> str:
        return self.names[0]

    def sign(self, claims: Mapping[str, Any]) -> str:
        """The token."""
        public = self.signing.public
        return _jws.encode(
            orjson.dumps(claims), self.signing.key, algorithm=public.algorithm, headers={"typ": None, "kid": public.id}
        )

    def discovery(self, jwks_uri: str) -> dict[str, Any]:
        """The OpenID provider configuration, for those who check tokens without asking us."""
        return {
            "issuer": self.name,
            "jwks_uri": jwks_uri,
            "response_types_supported": ["id_token"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": sorted({key.algorithm for key in self.keys}),
        }

    def jwks(self) -> dict[str, Any]:
        """The keys, as a JSON Web Key Set."""
        return {"keys": [key.to_jwk() for key in self.keys]}


def from_config(config: Config) -> Issuer:
    """What the flags say; UnusableKey in words for whoever wrote them."""
    if not config.service_account_issuer or not config.service_account_signing_key_file:
        raise UnusableKey("--service-account-issuer and --service-account-signing-key-file are required")
    if 0 < config.service_account_max_token_expiration < 3600:
        raise UnusableKey("--service-account-max-token-expiration must be 1 hour at least")
    signing = read_signing_key(config.service_account_signing_key_file)
    keys = read_verification_keys(config.service_account_key_file) or (signing.public,)
    return Issuer(
        config.service_account_issuer, signing, keys, config.api_audiences or config.service_account_issuer,
        int(config.service_account_max_token_expiration), config.service_account_extend_token_expiration,
    )  # fmt: skip
