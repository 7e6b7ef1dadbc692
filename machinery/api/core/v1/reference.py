"""The ways to name another object."""

from typing import ClassVar

from machinery.api.model import Model, field


class LocalObjectReference(Model):
    """An object of the same namespace, by name."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")


class ObjectReference(Model):
    """Any object, by kind, name, namespace and identity."""

    atomic: ClassVar[bool] = True
    kind: str = field(1, "")
    namespace: str = field(2, "")
    name: str = field(3, "")
    uid: str = field(4, "")
    api_version: str = field(5, "")
    resource_version: str = field(6, "")
    field_path: str = field(7, "")


class SecretReference(Model):
    """A Secret, by name and namespace."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    namespace: str = field(2, "")


class TypedLocalObjectReference(Model):
    """An object of the same namespace, by kind and name."""

    atomic: ClassVar[bool] = True
    api_group: str | None = field(1, None, required=True, optional=True)
    kind: str = field(2, "", required=True)
    name: str = field(3, "", required=True)


class TypedObjectReference(Model):
    """An object, by kind, name and perhaps namespace."""

    api_group: str | None = field(1, None, required=True, optional=True)
    kind: str = field(2, "", required=True)
    name: str = field(3, "", required=True)
    namespace: str | None = field(4, None)
