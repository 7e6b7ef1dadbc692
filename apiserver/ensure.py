"""Objects that the API server makes itself: `ensure` creates one unless it is there, past the authorizers.

Real Kubernetes: the loopback client of pkg/controlplane.
"""

from __future__ import annotations

import logging
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.registry.store import Store
from apiserver.user import ITSELF
from machinery.api.errors import AlreadyExists

log = logging.getLogger(__name__)

Doc = dict[str, Any]
Stores = dict[tuple[str, str, str], Store]


async def ensure(store: Store, obj: Doc, *, change: str = "") -> None:
    """Create the object unless it is there; with `change`, keep that field as it is here."""
    meta, strategy = obj["metadata"], store.strategy
    attributes = Attributes("CREATE", store.resource, meta.get("namespace", ""), meta["name"], ITSELF)
    key = store.key(attributes.namespace, meta["name"])
    existing = store.cacher.peek(key) or await store.cacher.get(key)
    if existing is None:
        document = {"apiVersion": strategy.api_version, "kind": strategy.kind, **obj}
        try:
            await store.create(attributes, strategy.model.from_dict(document).to_dict())
        except AlreadyExists:
            log.debug("%s %s was made by another server", strategy.kind, meta["name"])
    elif change and orjson.loads(existing.body).get(change) != obj[change]:

        async def changed(old: Doc) -> Doc:
            return {**old, change: obj[change]}

        updating = Attributes("UPDATE", store.resource, attributes.namespace, meta["name"], ITSELF)
        await store.update(updating, changed)
