"""Where environment variables come from."""

from typing import ClassVar

from machinery.api.core.v1.reference import LocalObjectReference
from machinery.api.model import Model, Quantity, field


class ConfigMapEnvSource(LocalObjectReference, inline=1):
    """Every pair of a ConfigMap as environment variables."""

    optional: bool | None = field(2, None)


class ConfigMapKeySelector(LocalObjectReference, inline=1):
    """One key of a ConfigMap."""

    atomic: ClassVar[bool] = True
    key: str = field(2, "", required=True)
    optional: bool | None = field(3, None)


class SecretEnvSource(LocalObjectReference, inline=1):
    """Every pair of a Secret as environment variables."""

    optional: bool | None = field(2, None)


class EnvFromSource(Model):
    """Many environment variables at once, from a ConfigMap or a Secret."""

    prefix: str = field(1, "")
    config_map_ref: ConfigMapEnvSource | None = field(2, None)
    secret_ref: SecretEnvSource | None = field(3, None)


class ObjectFieldSelector(Model):
    """One field of the pod itself."""

    atomic: ClassVar[bool] = True
    api_version: str = field(1, "")
    field_path: str = field(2, "", required=True)


class ResourceFieldSelector(Model):
    """A resource limit or request of a container."""

    atomic: ClassVar[bool] = True
    container_name: str = field(1, "")
    resource: str = field(2, "", required=True)
    divisor: Quantity | None = field(3, None)


class SecretKeySelector(LocalObjectReference, inline=1):
    """One key of a Secret."""

    atomic: ClassVar[bool] = True
    key: str = field(2, "", required=True)
    optional: bool | None = field(3, None)


class EnvVarSource(Model):
    """Where the value of an environment variable comes from; exactly one is set."""

    field_ref: ObjectFieldSelector | None = field(1, None)
    resource_field_ref: ResourceFieldSelector | None = field(2, None)
    config_map_key_ref: ConfigMapKeySelector | None = field(3, None)
    secret_key_ref: SecretKeySelector | None = field(4, None)


class EnvVar(Model):
    """One environment variable, by value or by where to find it."""

    name: str = field(1, "", required=True)
    value: str = field(2, "")
    value_from: EnvVarSource | None = field(3, None)
