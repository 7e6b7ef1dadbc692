"""Where environment variables come from."""

from typing import ClassVar

from machinery.api.core.v1.reference import LocalObjectReference
from machinery.api.model import Model, Quantity, field


class ConfigMapEnvSource(LocalObjectReference, inline=1):
    """Every pair of a ConfigMap as environment variables."""

    optional: bool | None = field(2, None)
    """Whether the container starts all the same if there is no such ConfigMap. Default false."""


class ConfigMapKeySelector(LocalObjectReference, inline=1):
    """One key of a ConfigMap."""

    atomic: ClassVar[bool] = True
    key: str = field(2, "", required=True)
    """The key whose value is wanted."""
    optional: bool | None = field(3, None)
    """Whether the container starts all the same if the ConfigMap or its key is missing. Default false."""


class SecretEnvSource(LocalObjectReference, inline=1):
    """Every pair of a Secret as environment variables."""

    optional: bool | None = field(2, None)
    """Whether the container starts all the same if there is no such Secret. Default false."""


class EnvFromSource(Model):
    """Many environment variables at once, from a ConfigMap or a Secret."""

    prefix: str = field(1, "")
    """A text to put before each key."""
    config_map_ref: ConfigMapEnvSource | None = field(2, None)
    """A ConfigMap, all of it."""
    secret_ref: SecretEnvSource | None = field(3, None)
    """A Secret, all of it."""


class ObjectFieldSelector(Model):
    """One field of the pod itself."""

    atomic: ClassVar[bool] = True
    api_version: str = field(1, "")
    """The version in which fieldPath is meant. Default v1."""
    field_path: str = field(2, "", required=True)
    """Such as metadata.name, metadata.labels['app'], spec.nodeName or status.podIP."""


class ResourceFieldSelector(Model):
    """A resource limit or request of a container."""

    atomic: ClassVar[bool] = True
    container_name: str = field(1, "")
    """The container that is meant: needed in volumes; for environment variables the container itself."""
    resource: str = field(2, "", required=True)
    """Such as limits.cpu or requests.memory."""
    divisor: Quantity | None = field(3, None)
    """The unit to count in, such as 1m or 1Mi. Default 1; the result is rounded up."""


class SecretKeySelector(LocalObjectReference, inline=1):
    """One key of a Secret."""

    atomic: ClassVar[bool] = True
    key: str = field(2, "", required=True)
    """The key whose value is wanted."""
    optional: bool | None = field(3, None)
    """Whether the container starts all the same if the Secret or its key is missing. Default false."""


class EnvVarSource(Model):
    """Where the value of an environment variable comes from; exactly one is set."""

    field_ref: ObjectFieldSelector | None = field(1, None)
    """A field of the pod, such as its name or address."""
    resource_field_ref: ResourceFieldSelector | None = field(2, None)
    """A request or limit of the container."""
    config_map_key_ref: ConfigMapKeySelector | None = field(3, None)
    """One value out of a ConfigMap that lives beside the pod."""
    secret_key_ref: SecretKeySelector | None = field(4, None)
    """One value out of a Secret that lives beside the pod."""


class EnvVar(Model):
    """One environment variable, by value or by where to find it."""

    name: str = field(1, "", required=True)
    """The variable's name."""
    value: str = field(2, "")
    """Its value; $(NAME) is replaced by variables that came before. Set this or valueFrom."""
    value_from: EnvVarSource | None = field(3, None)
    """Where to find its value."""
