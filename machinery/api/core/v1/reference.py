"""The ways to name another object."""

from typing import ClassVar

from machinery.api.model import Model, field


class LocalObjectReference(Model):
    """An object of the same namespace, by name."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    """The object's name."""


class ObjectReference(Model):
    """Any object, by kind, name, namespace and identity."""

    atomic: ClassVar[bool] = True
    kind: str = field(1, "")
    """The object's kind."""
    namespace: str = field(2, "")
    """The object's namespace; empty for kinds without."""
    name: str = field(3, "")
    """The object's name."""
    uid: str = field(4, "")
    """The object's uid."""
    api_version: str = field(5, "")
    """The group and version of the object's kind."""
    resource_version: str = field(6, "")
    """Its revision at which the reference was made, if that matters."""
    field_path: str = field(7, "")
    """A part of the object, such as spec.containers{name}."""


class SecretReference(Model):
    """A Secret, by name and namespace."""

    atomic: ClassVar[bool] = True
    name: str = field(1, "")
    """The Secret's name."""
    namespace: str = field(2, "")
    """The Secret's namespace."""


class TypedLocalObjectReference(Model):
    """An object of the same namespace, by kind and name."""

    atomic: ClassVar[bool] = True
    api_group: str | None = field(1, None, required=True, optional=True)
    """The group of the kind; the core group if not said."""
    kind: str = field(2, "", required=True)
    """The object's kind."""
    name: str = field(3, "", required=True)
    """The object's name."""


class TypedObjectReference(Model):
    """An object, by kind, name and perhaps namespace."""

    api_group: str | None = field(1, None, required=True, optional=True)
    """The group of the kind; the core group if not said."""
    kind: str = field(2, "", required=True)
    """The object's kind."""
    name: str = field(3, "", required=True)
    """The object's name."""
    namespace: str | None = field(4, None)
    """The object's namespace; another one must allow it by a ReferenceGrant."""
