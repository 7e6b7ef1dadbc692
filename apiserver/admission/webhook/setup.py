"""The three plugins that objects of the API configure, put together from the stores that they look into.

Real Kubernetes: the initializers of admission/plugin/webhook/initializer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import orjson

from apiserver.admission.plugin import Plugin
from apiserver.admission.policy.params import Params
from apiserver.admission.policy.plugin import BINDINGS, POLICIES, Objects, ValidatingAdmissionPolicy
from apiserver.admission.webhook.calls import Calls, Surroundings
from apiserver.admission.webhook.client import WebhookClient
from apiserver.admission.webhook.configurations import Configurations
from apiserver.admission.webhook.kinds import ServedKinds
from apiserver.admission.webhook.mutating import MutatingAdmissionWebhook
from apiserver.admission.webhook.validating import ValidatingAdmissionWebhook
from apiserver.proxy.places import Place, Wanted, service_places
from apiserver.storage.interface import Selection
from machinery.api import labels

Doc = dict[str, Any]
Stores = Mapping[tuple[str, str, str], Any]
_GROUP = "admissionregistration.k8s.io"
_SERVICE_NAME = "kubernetes.io/service-name"


class Webhooks:
    """Makes the plugins and owns the connections that they share; `close` ends those."""

    def __init__(self, stores: Stores) -> None:
        self._stores = stores
        self.client = WebhookClient(self._endpoints)
        self._around = Surroundings(self.client, ServedKinds(stores), self.namespace_labels)

    def mutating(self, before: Sequence[Plugin]) -> Plugin:
        """`before`: the plugins that run again after webhooks changed the object."""
        return MutatingAdmissionWebhook(self._calls("mutatingwebhookconfigurations", "mutation"), before)

    def validating(self) -> Plugin:
        return ValidatingAdmissionWebhook(self._calls("validatingwebhookconfigurations", "validating"))

    def policy(self) -> Plugin:
        """ValidatingAdmissionPolicy, which looks at the same things."""
        policies, bindings = (Objects(self._stores[_GROUP, "v1", name].cacher, name) for name in (POLICIES, BINDINGS))
        params, kinds = Params(self._stores), self._around.kinds
        found = self.namespace_labels
        return ValidatingAdmissionPolicy(policies, bindings, kinds, params=params, namespace_labels=found)

    def _calls(self, plural: str, phase: str) -> Calls:
        cacher = self._stores[_GROUP, "v1", plural].cacher
        return Calls(Configurations(cacher, plural), self._around, phase)

    async def namespace_labels(self, name: str) -> dict[str, str] | None:
        store = self._stores["", "v1", "namespaces"]
        key = store.key("", name)
        entry = store.cacher.peek(key) or await store.cacher.get(key)
        return None if entry is None else dict(entry.labels)

    async def _endpoints(self, namespace: str, name: str, port: int) -> list[Place]:
        service = await self._stores["", "v1", "services"].find(name, namespace)
        slices = self._stores["discovery.k8s.io", "v1", "endpointslices"]
        wanted = Selection(slices.scope(namespace), labels.from_labels({_SERVICE_NAME: name}))
        found = (await slices.cacher.list(wanted, resource_version=0)).items
        behind = [orjson.loads(entry.body) for entry in found]
        return service_places(Wanted("https", name, str(port)), service, behind, namespace)

    async def close(self) -> None:
        await self.client.close()
