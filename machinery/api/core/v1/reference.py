"""Types of core/v1."""

from typing import ClassVar

from machinery.api.model import Model, field


class LocalObjectReference(Model):
    atomic: ClassVar[bool] = True
    name: str = field(1, "")


class ObjectReference(Model):
    atomic: ClassVar[bool] = True
    kind: str = field(1, "")
    namespace: str = field(2, "")
    name: str = field(3, "")
    uid: str = field(4, "")
    api_version: str = field(5, "")
    resource_version: str = field(6, "")
    field_path: str = field(7, "")


class SecretReference(Model):
    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    namespace: str = field(2, "")


class TypedLocalObjectReference(Model):
    atomic: ClassVar[bool] = True
    api_group: str | None = field(1, None, required=True, optional=True)
    kind: str = field(2, "", required=True)
    name: str = field(3, "", required=True)


class TypedObjectReference(Model):
    api_group: str | None = field(1, None, required=True, optional=True)
    kind: str = field(2, "", required=True)
    name: str = field(3, "", required=True)
    namespace: str | None = field(4, None)
