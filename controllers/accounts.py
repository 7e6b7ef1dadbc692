"""Every controller under its own name: the service account in kube-system whose role allows what it does, no more.

The process's own certificate may read everything, and make these accounts and their tokens. They share connections
that show no certificate; a token is renewed when 80 % of its time has passed, or when its account was made anew.
In Kubernetes: --use-service-account-credentials, controller-manager/pkg/clientbuilder.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace

import orjson

from machinery.api.authentication.v1 import TokenRequest, TokenRequestSpec
from machinery.api.core.v1 import ServiceAccount
from machinery.api.errors import AlreadyExists, ApiError
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.informer import InformerFactory
from machinery.client.rest import Client
from machinery.component.clock import Clock

log = logging.getLogger(__name__)

NAMESPACE = "kube-system"
TOKEN_SECONDS = 3600
RENEW_SECONDS = 0.8 * TOKEN_SECONDS
RETRY_SECONDS = 1.0

ACCOUNTS = {
    "clusterrole-aggregation": "clusterrole-aggregation-controller",
    "csrapproving": "certificate-controller",
    "csrcleaner": "certificate-controller",
    "csrsigning": "certificate-controller",
    "cronjob": "cronjob-controller",
    "daemonset": "daemon-set-controller",
    "deployment": "deployment-controller",
    "disruption": "disruption-controller",
    "endpoint": "endpoint-controller",
    "endpointslice": "endpointslice-controller",
    "garbage-collector": "generic-garbage-collector",
    "horizontal-pod-autoscaler": "horizontal-pod-autoscaler",
    "job": "job-controller",
    "namespace": "namespace-controller",
    "node-ipam": "node-controller",
    "node-lifecycle": "node-controller",
    "persistentvolume-binder": "persistent-volume-binder",
    "pod-gc": "pod-garbage-collector",
    "pv-protection": "pv-protection-controller",
    "pvc-protection": "pvc-protection-controller",
    "replicaset": "replicaset-controller",
    "replication": "replication-controller",
    "resourcequota": "resourcequota-controller",
    "root-ca-cert-publisher": "root-ca-cert-publisher",
    "service-account": "service-account-controller",
    "statefulset": "statefulset-controller",
    "taint-eviction": "node-controller",
    "ttl-after-finished": "ttl-after-finished-controller",
}
"""By the controller's name. Who signs the tokens of accounts (service-account-tokens) can have none of them."""


AT_ONCE = 16
"""Requests of all controllers under way: a thousand new pods must not keep users and nodes waiting."""


class Accounts:
    """Wants the process's own client, which stays its owner's to close."""

    def __init__(self, client: Client, clock: Clock) -> None:
        self._client, self._clock = client, clock
        anonymous = replace(
            client.config, cert_file="", cert_data="", key_file="", key_data="", token="", token_file="")
        self._shared = Client(anonymous, user_agent="kube-controller-manager", most_at_once=AT_ONCE)
        self._clients: dict[str, Client] = {}
        self._lost = asyncio.Event()

    async def close(self) -> None:
        await self._shared.__aexit__()

    async def prepare(self, controllers: Iterable[str]) -> None:
        """Accounts and tokens for them, all at once and patiently: the API server may start after us."""
        accounts = sorted({ACCOUNTS[name] for name in controllers if name in ACCOUNTS})
        for account, token in zip(accounts, await asyncio.gather(*map(self._patiently, accounts)), strict=True):
            self._clients[account] = self._shared.sharing()
            self._clients[account].use_token(token)

    def client_of(self, controller: str) -> Client:
        """The client for a controller that was prepared for."""
        account = ACCOUNTS.get(controller)
        return self._clients[account] if account else self._client

    async def run(self, informers: InformerFactory) -> None:
        """Renew the tokens until cancelled."""
        informers.informer(ServiceAccount).on_change(self._watch)
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(RENEW_SECONDS):
                    await self._lost.wait()
            self._lost.clear()
            for account, client in self._clients.items():
                client.use_token(await self._patiently(account))

    def _watch(self, old: ServiceAccount | None, new: ServiceAccount | None) -> None:
        """A token ends with its account, even if another of the same name follows."""
        if old is None or old.metadata.namespace != NAMESPACE or old.metadata.name not in self._clients:
            return
        if new is None or new.metadata.uid != old.metadata.uid:
            self._lost.set()

    async def _patiently(self, account: str) -> str:
        while True:
            try:
                return await self._token(account)
            except ApiError as error:
                log.info("no token for %s yet: %s", account, error)
                await self._clock.sleep(RETRY_SECONDS)

    async def _token(self, account: str) -> str:
        """Of an account that is made where it is missing."""
        owner = ServiceAccount(metadata=ObjectMeta(name=account, namespace=NAMESPACE))
        with suppress(AlreadyExists):
            await self._client.create(owner)
        wanted = TokenRequest(spec=TokenRequestSpec(expiration_seconds=TOKEN_SECONDS))
        answer = await self._client.create_subresource(owner, "token", wanted)
        return str(orjson.loads(answer)["status"]["token"])
