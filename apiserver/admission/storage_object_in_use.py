"""StorageObjectInUseProtection: claims and volumes are made with a finalizer, so that none goes while it is used.

The controllers pvc-protection and pv-protection take the finalizers away.
Real Kubernetes: plugin/pkg/admission/storage/storageobjectinuseprotection.
"""

from __future__ import annotations

from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.plugin import Plugin

FINALIZERS = {
    "persistentvolumeclaims": "kubernetes.io/pvc-protection", "persistentvolumes": "kubernetes.io/pv-protection",
}  # fmt: skip


class StorageObjectInUseProtection(Plugin):
    """See the module."""

    def handles(self, attributes: Attributes) -> bool:
        resource = attributes.resource
        ours = resource.plural in FINALIZERS and not resource.group
        return ours and attributes.operation == "CREATE" and not attributes.subresource

    async def admit(self, attributes: Attributes, obj: Any, old: Any) -> None:
        finalizer, meta = FINALIZERS[attributes.resource.plural], obj["metadata"]
        present = meta.get("finalizers") or []
        if finalizer not in present:
            meta["finalizers"] = [*present, finalizer]
