"""ConfigMap: plain data for pods. Real Kubernetes: pkg/registry/core/configmap and ValidateConfigMap."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from apiserver.durations import age
from apiserver.registry.strategy import Strategy, columns
from machinery.api import names
from machinery.api.core.v1 import ConfigMap
from machinery.api.errors import FieldError

MAX_BYTES = 1024 * 1024


class ConfigMapStrategy(Strategy):
    """See the module."""

    kind = "ConfigMap"
    columns = columns("Name, Data, Age")

    def validate(self, obj: ConfigMap) -> list[FieldError]:
        found = []
        for path, data in (("data", obj.data), ("binaryData", obj.binary_data)):
            found += data_key_errors(path, data)
        for key in obj.data.keys() & obj.binary_data.keys():
            found.append(FieldError.invalid(f"data[{key}]", key, "duplicate of key present in binaryData"))
        size = sum(map(len, obj.data.values())) + sum(len(text) * 3 // 4 for text in obj.binary_data.values())
        if size > MAX_BYTES:
            found.append(FieldError.too_long("", "", MAX_BYTES))
        return found

    def validate_update(self, obj: ConfigMap, old: ConfigMap) -> list[FieldError]:
        found = []
        if old.immutable:
            found += immutable_errors(obj, old, ("data", "binary_data"))
        return found + self.validate(obj)

    def row(self, obj: ConfigMap, now: datetime) -> list[Any]:
        meta = obj.metadata
        return [meta.name, len(obj.data) + len(obj.binary_data), age(meta.creation_timestamp, now)]


def data_key_errors(path: str, data: dict[str, Any]) -> list[FieldError]:
    """Every key could become a file's name."""
    return [FieldError.invalid(f"{path}[{key}]", key, why) for key in data for why in names.config_map_key(key)]


def immutable_errors(obj: Any, old: Any, fields: tuple[str, ...]) -> list[FieldError]:
    """Once `immutable` is set, neither the data nor the mark itself can change."""
    why = "field is immutable when `immutable` is set"
    found = [] if obj.immutable else [FieldError.forbidden("immutable", why)]
    wire = {"data": "data", "binary_data": "binaryData"}
    return found + [
        FieldError.forbidden(wire[name], why) for name in fields if getattr(obj, name) != getattr(old, name)
    ]
