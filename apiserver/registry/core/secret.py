"""Secret: data that only those who ask for it get. Real Kubernetes: pkg/registry/core/secret, ValidateSecret."""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any, ClassVar

import orjson

from apiserver.durations import age
from apiserver.registry.core.config_map import MAX_BYTES, data_key_errors, immutable_errors
from apiserver.registry.strategy import Doc, Strategy, columns
from machinery.api.core.v1 import Secret
from machinery.api.errors import FieldError

_REQUIRED_KEYS = {
    "kubernetes.io/dockercfg": (".dockercfg",),
    "kubernetes.io/dockerconfigjson": (".dockerconfigjson",),
    "kubernetes.io/ssh-auth": ("ssh-privatekey",),
    "kubernetes.io/tls": ("tls.crt", "tls.key"),
}


class SecretStrategy(Strategy):
    """See the module."""

    kind = "Secret"
    columns = columns("Name, Type, Data, Age")
    selectable_fields: ClassVar = ("type",)

    def default(self, obj: Doc) -> None:
        obj["type"] = obj.get("type") or "Opaque"
        plain = obj.pop("stringData", None)
        if plain:
            encoded = {key: base64.b64encode(text.encode()).decode() for key, text in plain.items()}
            obj["data"] = {**obj.get("data", {}), **encoded}

    def validate(self, obj: Secret) -> list[FieldError]:
        found = data_key_errors("data", obj.data)
        if sum(len(text) * 3 // 4 for text in obj.data.values()) > MAX_BYTES:
            found.append(FieldError.too_long("data", "", MAX_BYTES))
        return found + _type_errors(obj)

    def validate_update(self, obj: Secret, old: Secret) -> list[FieldError]:
        found = [FieldError.immutable("type", obj.type)] if obj.type != old.type else []
        if old.immutable:
            found += immutable_errors(obj, old, ("data",))
        return found + self.validate(obj)

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {"type": obj.get("type", "")}

    def row(self, obj: Secret, now: datetime) -> list[Any]:
        return [obj.metadata.name, obj.type, len(obj.data), age(obj.metadata.creation_timestamp, now)]


def _type_errors(obj: Secret) -> list[FieldError]:
    """Well-known types promise certain keys."""
    found = [
        FieldError.required(f"data[{key}]") for key in _REQUIRED_KEYS.get(obj.type, ()) if key not in obj.data
    ]
    if obj.type == "kubernetes.io/basic-auth" and not {"username", "password"} & obj.data.keys():
        found += [FieldError.required("data[username]"), FieldError.required("data[password]")]
    if obj.type == "kubernetes.io/service-account-token":
        name = "kubernetes.io/service-account.name"
        if not obj.metadata.annotations.get(name):
            found.append(FieldError.required(f"metadata.annotations[{name}]"))
    if obj.type in ("kubernetes.io/dockercfg", "kubernetes.io/dockerconfigjson"):
        key = _REQUIRED_KEYS[obj.type][0]
        if key in obj.data and not _is_json(obj.data[key]):
            found.append(FieldError.invalid(f"data[{key}]", "<secret contents redacted>", "invalid JSON"))
    return found


def _is_json(encoded: str) -> bool:
    try:
        orjson.loads(base64.b64decode(encoded))
    except ValueError:
        return False
    return True
