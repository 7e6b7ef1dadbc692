"""When a pod's token is asked for again, and what happens while nobody answers."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.tokens import Tokens
from machinery.api.core.v1 import Pod, ServiceAccountTokenProjection
from machinery.api.errors import ServiceUnavailable
from machinery.component.clock import FakeClock

REQUEST = ServiceAccountTokenProjection(path="token", expiration_seconds=3600)
POD = Pod.from_dict({
    "metadata": {"name": "web", "namespace": "n", "uid": "u"},
    "spec": {"serviceAccountName": "robot", "volumes": [{"name": "t", "projected": {"sources": [
        {"serviceAccountToken": {"path": "token", "expirationSeconds": 3600}}]}}]},
})  # fmt: skip


class Issuer:
    """An API server that numbers its tokens; `shortest` overrides the wish, `away` makes it fail."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, Any]] = []
        self.seconds, self.away = 0, False

    async def request(self, method: str, path: str, *, body: bytes) -> bytes:
        if self.away:
            raise ServiceUnavailable("away")
        spec = orjson.loads(body)["spec"]
        self.asked.append((path, spec))
        given = {**spec, "expirationSeconds": self.seconds or spec["expirationSeconds"]}
        return orjson.dumps({"spec": given, "status": {"token": f"t{len(self.asked)}"}})


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(datetime(2026, 1, 1, tzinfo=UTC))


async def test_it_is_bound_to_the_pod_and_renewed_in_time(clock: FakeClock) -> None:
    issuer = Issuer()
    tokens = Tokens(issuer, clock)
    assert await tokens.get(POD, REQUEST) == "t1" == await tokens.get(POD, REQUEST)
    ((path, spec),) = issuer.asked
    assert path == "/api/v1/namespaces/n/serviceaccounts/robot/token"
    assert spec["boundObjectRef"] == {"apiVersion": "v1", "kind": "Pod", "name": "web", "uid": "u"}
    assert tokens.refresh_after(POD) == 2880
    clock.advance(2881)
    assert await tokens.get(POD, REQUEST) == "t2"


async def test_a_shortened_token_is_renewed_by_its_own_time(clock: FakeClock) -> None:
    issuer = Issuer()
    issuer.seconds = 600
    tokens = Tokens(issuer, clock)
    await tokens.get(POD, REQUEST)
    assert tokens.refresh_after(POD) == 480


async def test_while_nobody_answers_the_old_one_serves_until_its_end(clock: FakeClock) -> None:
    issuer = Issuer()
    tokens = Tokens(issuer, clock)
    await tokens.get(POD, REQUEST)
    issuer.away = True
    clock.advance(3000)
    assert await tokens.get(POD, REQUEST) == "t1"
    assert 0 < tokens.refresh_after(POD) <= 30
    clock.advance(600)
    with pytest.raises(VolumeFailure, match="failed to fetch token"):
        await tokens.get(POD, REQUEST)
