"""RuntimeClass: a way to run containers. Real Kubernetes: pkg/registry/node/runtimeclass."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.durations import age
from apiserver.registry.checks import checked
from apiserver.registry.core.pod_validation import toleration_errors
from apiserver.registry.field_checks import quantity_errors, unchanged
from apiserver.registry.metadata import label_errors
from apiserver.registry.strategy import Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.node.v1 import RuntimeClass


class RuntimeClassStrategy(Strategy):
    """See the module."""

    api_version = "node.k8s.io/v1"
    kind = "RuntimeClass"
    allow_unconditional_update = False
    columns = columns("Name, Handler, Age")

    def validate(self, obj: RuntimeClass) -> list[FieldError]:
        found = checked("handler", obj.handler, names.dns_label)
        if obj.overhead is not None:
            for resource, amount in obj.overhead.pod_fixed.items():
                path = f"overhead.limits[{resource}]"
                found += checked(path, resource, names.qualified_name) + quantity_errors(path, amount)
        if obj.scheduling is not None:
            found += label_errors(obj.scheduling.node_selector, "scheduling.nodeSelector")
            for index, toleration in enumerate(obj.scheduling.tolerations):
                found += toleration_errors(toleration, f"scheduling.tolerations[{index}]")
        return found

    def validate_update(self, obj: RuntimeClass, old: RuntimeClass) -> list[FieldError]:
        return unchanged("handler", obj.handler, old.handler)

    def row(self, obj: RuntimeClass, now: datetime) -> list[Any]:
        return [obj.metadata.name, obj.handler, age(obj.metadata.creation_timestamp, now)]
