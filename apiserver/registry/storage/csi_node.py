"""CSINode: the CSI drivers of a node. Real Kubernetes: pkg/registry/storage/csinode."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked, unique
from apiserver.registry.field_checks import not_negative
from apiserver.registry.strategy import Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.storage.v1 import CSINode, CSINodeDriver

_DRIVER_LIMIT, _NODE_ID_LIMIT = 63, 256


class CSINodeStrategy(Strategy):
    """See the module."""

    api_version = "storage.k8s.io/v1"
    kind = "CSINode"
    allow_unconditional_update = False
    returns_deleted = True
    columns = columns("Name, Drivers, Age", drivers="integer")

    def validate(self, obj: CSINode) -> list[FieldError]:
        found = unique((f"spec.drivers[{i}].name", each.name) for i, each in enumerate(obj.spec.drivers))
        for index, driver in enumerate(obj.spec.drivers):
            found += _driver_errors(driver, f"spec.drivers[{index}]")
        return found

    def validate_update(self, obj: CSINode, old: CSINode) -> list[FieldError]:
        was = {driver.name: driver for driver in old.spec.drivers}
        changed = [driver for driver in obj.spec.drivers if was.get(driver.name, driver) != driver]
        return self.validate(obj) + [FieldError.immutable("CSINodeDriver", driver) for driver in changed]

    def row(self, obj: CSINode, now: datetime) -> list[Any]:
        return [obj.metadata.name, len(obj.spec.drivers), age(obj.metadata.creation_timestamp, now)]


def driver_name_errors(name: str, path: str) -> list[FieldError]:
    """The name of a CSI driver, wherever one is named."""
    if not name:
        return [FieldError.required(path)]
    found = [FieldError.too_long(path, name, _DRIVER_LIMIT)] if len(name) > _DRIVER_LIMIT else []
    return found + [FieldError.invalid(path, name, why) for why in names.dns_subdomain(name.lower())]


def _driver_errors(driver: CSINodeDriver, path: str) -> list[FieldError]:
    found = driver_name_errors(driver.name, f"{path}.name")
    if not driver.node_id:
        found.append(FieldError.required(f"{path}.nodeID"))
    elif len(driver.node_id) > _NODE_ID_LIMIT:
        why = f"must be {_NODE_ID_LIMIT} characters or less"
        found.append(FieldError.invalid(f"{path}.nodeID", driver.node_id, why))
    if driver.allocatable is not None:
        found += not_negative(f"{path}.allocatable", driver.allocatable, "count")
    for key in driver.topology_keys:
        found += checked(path, key, names.qualified_name) if key else [FieldError.required(path)]
    return found + unique((path, key) for key in driver.topology_keys)
