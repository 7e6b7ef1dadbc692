"""What of a client's head reaches the target behind us."""

from __future__ import annotations

from machinery.component.upgrade import kept


def test_credentials_and_identities_stay_here() -> None:
    headers = [
        ("Authorization", "Bearer x"), ("Impersonate-User", "jane"), ("impersonate-extra-team", "red"),
        ("X-Remote-User", "jane"), ("Accept", "a"), ("Upgrade", "websocket"),
        ("Sec-WebSocket-Protocol", "base64url.bearer.authorization.k8s.io.eA, v5.channel.k8s.io"),
    ]  # fmt: skip
    assert list(kept(headers)) == [
        ("Accept", "a"), ("Upgrade", "websocket"), ("Sec-WebSocket-Protocol", "v5.channel.k8s.io"),
    ]  # fmt: skip
