"""Bootstrap tokens: Secrets by which machines join."""

from __future__ import annotations

import base64
from datetime import UTC, datetime
from typing import Any

import pytest

from apiserver.authentication.bootstrap_token import TYPE, bootstrap_token, user_of
from apiserver.user import User
from tests.support.tokens import World

NOW = datetime(2026, 1, 1, tzinfo=UTC)
GOOD = {
    "token-id": "abcdef", "token-secret": "0123456789abcdef", "usage-bootstrap-authentication": "true",
    "expiration": "2026-01-01T00:01:00Z", "auth-extra-groups": "system:bootstrappers:kubeadm:default-node-token",
}  # fmt: skip


def secret(**changes: str) -> dict[str, Any]:
    data = {key.replace("_", "-"): value for key, value in changes.items()}
    encoded = {key: base64.b64encode(value.encode()).decode() for key, value in (GOOD | data).items()}
    return {"metadata": {"name": "bootstrap-token-abcdef"}, "type": TYPE, "data": encoded}


def test_a_good_one() -> None:
    groups = ("system:bootstrappers", "system:bootstrappers:kubeadm:default-node-token", "system:authenticated")
    assert user_of(secret(), "abcdef", "0123456789abcdef", NOW) == User("system:bootstrap:abcdef", groups)
    assert user_of(secret(expiration=""), "abcdef", "0123456789abcdef", NOW)


@pytest.mark.parametrize(
    "wrong",
    [
        secret(expiration="2026-01-01T00:00:00Z"), secret(expiration="soon"), secret(usage_bootstrap_authentication=""),
        secret(token_secret="0123456789abcdeX"), secret(token_id="fedcba"), secret(auth_extra_groups="system:masters"),
        {**secret(), "type": "Opaque"}, {**secret(), "metadata": {"deletionTimestamp": "2026-01-01T00:00:00Z"}},
        {**secret(), "data": {}},
    ],
)  # fmt: skip
def test_bad_ones(wrong: dict[str, Any]) -> None:
    assert user_of(wrong, "abcdef", "0123456789abcdef", NOW) is None


async def test_it_is_looked_up_in_kube_system() -> None:
    world, whole = World(), secret(expiration="")
    world.put("secrets/kube-system/bootstrap-token-abcdef", "u", type=TYPE, data=whole["data"])
    knows = bootstrap_token(world, ("api",))
    assert await knows("abcdef.0123456789abcdef", ("api",))
    assert await knows("abcdef.0123456789abcdef", ("vault",)) is None
    for token in ("abcdef.0123456789abcdee", "abcdeg.0123456789abcdef", "ABCDEF.0123456789abcdef", "abcdef"):
        assert await knows(token, ("api",)) is None
