"""Tokens of service accounts for projected volumes: asked of the API server, renewed before they expire.

Writes TokenRequests. A token is renewed when 80 % of its time, or a day, has passed; while that fails, the old one
serves until its end.
Real Kubernetes: kubelet/token/token_manager.go.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import orjson

from kubelet.volumes.failure import VolumeFailure
from kubelet.volumes.payload import token_requests
from machinery.api.core.v1 import Pod, ServiceAccountTokenProjection
from machinery.api.errors import ApiError
from machinery.client.rest import Client
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

DEFAULT_SECONDS = 3600
LONGEST = timedelta(hours=24)
RETRY = timedelta(seconds=30)


@dataclass(frozen=True)
class Token:
    text: str
    renew_at: datetime
    ends_at: datetime


Key = tuple[str, ServiceAccountTokenProjection]


class Tokens:
    def __init__(self, client: Client, clock: Clock) -> None:
        self._client = client
        self._clock = clock
        self._tokens: dict[Key, Token] = {}

    async def get(self, pod: Pod, request: ServiceAccountTokenProjection) -> str:
        key = (pod.metadata.uid, request)
        known = self._tokens.get(key)
        now = self._clock.now()
        if known is not None and now < known.renew_at:
            return known.text
        try:
            known = self._tokens[key] = await self._ask(pod, request)
        except VolumeFailure as failure:
            if known is None or known.ends_at <= now:
                raise
            log.warning("pod %s/%s: %s", pod.metadata.namespace, pod.metadata.name, failure)
            self._tokens[key] = replace(known, renew_at=min(now + RETRY, known.ends_at))
        return known.text

    async def _ask(self, pod: Pod, request: ServiceAccountTokenProjection) -> Token:
        account = pod.spec.service_account_name or "default"
        path = f"/api/v1/namespaces/{pod.metadata.namespace}/serviceaccounts/{account}/token"
        seconds = request.expiration_seconds or DEFAULT_SECONDS
        meta = pod.metadata
        body = {
            "apiVersion": "authentication.k8s.io/v1",
            "kind": "TokenRequest",
            "spec": {
                "audiences": [request.audience] if request.audience else [],
                "expirationSeconds": seconds,
                "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": meta.name, "uid": meta.uid},
            },
        }
        try:
            answer = orjson.loads(await self._client.request("POST", path, body=orjson.dumps(body)))
        except ApiError as error:
            raise VolumeFailure(f"failed to fetch token: {error}") from error
        # The server may have shortened the wish: what counts is the time that its answer names.
        life = timedelta(seconds=answer["spec"]["expirationSeconds"])
        now = self._clock.now()
        return Token(answer["status"]["token"], now + min(life * 0.8, LONGEST), now + life)

    def refresh_after(self, pod: Pod) -> float | None:
        known = [self._tokens.get((pod.metadata.uid, request)) for request in token_requests(pod)]
        waits = [(token.renew_at - self._clock.now()).total_seconds() for token in known if token]
        return max(1.0, min(waits)) if waits else None

    def forget(self, uid: str) -> None:
        self._tokens = {key: token for key, token in self._tokens.items() if key[0] != uid}
