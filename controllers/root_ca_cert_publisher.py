"""The root CA publisher: every namespace has the ConfigMap `kube-root-ca.crt`, with which pods trust the API server.

Watches Namespaces and ConfigMaps; creates that ConfigMap and restores it when it is changed or deleted.
In Kubernetes: pkg/controller/certificates/rootcacertpublisher.
"""

from __future__ import annotations

from controllers.terminating import unless_ending
from machinery.api.core.v1 import ConfigMap, Namespace
from machinery.api.errors import AlreadyExists
from machinery.api.meta.v1 import ObjectMeta
from machinery.client.controller import Context, Controller, own_key

NAME = "kube-root-ca.crt"
DESCRIPTION = "kubernetes.io/description"
TEXT = "The certificate authority behind the API server's address inside the cluster. For nothing else."


def plan(namespace: Namespace, existing: ConfigMap | None, certificate: str) -> ConfigMap | None:
    """The ConfigMap to write, or None."""
    if namespace.status.phase == "Terminating" or namespace.metadata.deletion_timestamp:
        return None
    data = {"ca.crt": certificate}
    if existing is None:
        meta = ObjectMeta(name=NAME, namespace=namespace.metadata.name, annotations={DESCRIPTION: TEXT})
        return ConfigMap(metadata=meta, data=data)
    return None if existing.data == data else existing.replace(data=data)


class RootCACertPublisher(Controller):
    """Keys are namespaces."""

    name = "root-ca-cert-publisher"
    workers = 1

    def __init__(self, ctx: Context, *, certificate: str) -> None:
        super().__init__(ctx)
        self.certificate = certificate
        self.namespaces, self.configs = ctx.informers.informer(Namespace), ctx.informers.informer(ConfigMap)
        self.watches = ((self.namespaces, own_key), (self.configs, keys_of_config))

    async def reconcile(self, key: str) -> None:
        namespace, existing = self.namespaces.lister.get("", key), self.configs.lister.get(key, NAME)
        wanted = plan(namespace, existing, self.certificate) if namespace else None
        if wanted is None:
            return
        try:
            await (self.ctx.client.update(wanted) if existing else unless_ending(self.ctx.client.create(wanted)))
        except AlreadyExists:
            return


def keys_of_config(old: ConfigMap | None, new: ConfigMap | None) -> list[str]:
    """The namespace, when its copy of the certificate changed or went."""
    meta = (old if new is None else new).metadata
    return [meta.namespace] if meta.name == NAME and old is not None else []
