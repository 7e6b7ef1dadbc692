"""CSIStorageCapacity: what a driver has left, and where. Real Kubernetes: pkg/registry/storage/csistoragecapacity."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.registry.checks import checked
from apiserver.registry.field_checks import quantity_errors, unchanged
from apiserver.registry.selectors import label_selector_errors
from apiserver.registry.strategy import Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.storage.v1 import CSIStorageCapacity


class CSIStorageCapacityStrategy(Strategy):
    """See the module."""

    api_version = "storage.k8s.io/v1"
    kind = "CSIStorageCapacity"
    allow_unconditional_update = False
    columns = columns("Name, StorageClassName, Capacity")

    def validate(self, obj: CSIStorageCapacity) -> list[FieldError]:
        found = label_selector_errors(obj.node_topology, "nodeTopology")
        found += checked("storageClassName", obj.storage_class_name, names.dns_subdomain)
        for field, amount in (("capacity", obj.capacity), ("maximumVolumeSize", obj.maximum_volume_size)):
            found += quantity_errors(field, amount) if amount is not None else []
        return found

    def validate_update(self, obj: CSIStorageCapacity, old: CSIStorageCapacity) -> list[FieldError]:
        found = unchanged("nodeTopology", obj.node_topology, old.node_topology)
        return found + unchanged("storageClassName", obj.storage_class_name, old.storage_class_name)

    def row(self, obj: CSIStorageCapacity, now: datetime) -> list[Any]:
        return [obj.metadata.name, obj.storage_class_name, "<unset>" if obj.capacity is None else obj.capacity]
