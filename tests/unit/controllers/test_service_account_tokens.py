"""Secrets of service accounts: what they lack, and whose they are."""

from __future__ import annotations

import base64

import jwt
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from controllers.legacy_tokens import Signer
from controllers.service_account_tokens import NAME, TYPE, UID, belongs, plan
from machinery.api.core.v1 import Secret, ServiceAccount

KEY = ec.generate_private_key(ec.SECP256R1())
SIGNER = Signer(KEY.private_bytes(
    serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
ACCOUNT = ServiceAccount.from_dict({"metadata": {"name": "robot", "namespace": "team", "uid": "u1"}})


def secret(uid: str = "", **data: str) -> Secret:
    annotations = {NAME: "robot", **({UID: uid} if uid else {})}
    meta = {"name": "robot-token", "namespace": "team", "annotations": annotations}
    return Secret.from_dict({"metadata": meta, "type": TYPE, "data": data})


def test_an_empty_one_is_filled_once() -> None:
    filled = plan(secret(), ACCOUNT, SIGNER, "PEM")
    assert filled is not None and filled.metadata.annotations[UID] == "u1"
    data = {key: base64.b64decode(text).decode() for key, text in filled.data.items()}
    assert (data["ca.crt"], data["namespace"]) == ("PEM", "team")
    claims = jwt.decode(data["token"], KEY.public_key(), algorithms=["ES256"])
    prefix = "kubernetes.io/serviceaccount"
    assert claims == {
        "iss": "kubernetes/serviceaccount", "sub": "system:serviceaccount:team:robot",
        f"{prefix}/namespace": "team", f"{prefix}/secret.name": "robot-token",
        f"{prefix}/service-account.name": "robot", f"{prefix}/service-account.uid": "u1",
    }  # fmt: skip
    assert plan(filled, ACCOUNT, SIGNER, "PEM") is None


def test_another_authority_is_written_and_the_token_kept() -> None:
    filled = plan(secret(), ACCOUNT, SIGNER, "OLD")
    again = plan(filled, ACCOUNT, SIGNER, "NEW")
    assert again is not None and again.data["token"] == filled.data["token"]
    assert base64.b64decode(again.data["ca.crt"]) == b"NEW"


def test_whose_it_is() -> None:
    assert belongs(secret(), ACCOUNT) and belongs(secret("u1"), ACCOUNT)
    assert not belongs(secret("u0"), ACCOUNT) and not belongs(secret(), None)
