"""What endpoints and endpointslice have in common: services, pods, and which pod concerns which service."""

from __future__ import annotations

from collections.abc import Iterable

from controllers.endpoint_mapping import selects, tells_something_new
from machinery.api.core.v1 import Pod, Service
from machinery.client.controller import Context, Controller, key_of, own_key


class ServiceController(Controller):
    """Keys are services; a pod wakes those that select it, or did."""

    workers = 2

    def __init__(self, ctx: Context) -> None:
        super().__init__(ctx)
        self.services, self.pods = ctx.informers.informer(Service), ctx.informers.informer(Pod)
        self.watches = ((self.services, own_key), (self.pods, self.keys_of_pod))

    def keys_of_pod(self, old: Pod | None, new: Pod | None) -> Iterable[str]:
        """The services that select the pod as it was or as it is."""
        if not tells_something_new(old, new):
            return ()
        namespace = (old if new is None else new).metadata.namespace
        return [
            key_of(service) for service in self.services.lister.list(namespace)
            if any(pod is not None and selects(service, pod) for pod in (old, new))
        ]

    def pods_of(self, service: Service) -> list[Pod]:
        """The pods that its selector finds."""
        return [pod for pod in self.pods.lister.list(service.metadata.namespace) if selects(service, pod)]
