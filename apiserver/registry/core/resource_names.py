"""Names of resources (cpu, requests.storage, count/pods …): which may stand where, and which are counted whole.

Pure data and checks. Real Kubernetes: pkg/apis/core/helper and validateResourceName in pkg/apis/core/validation.
"""

from __future__ import annotations

from apiserver.registry.field_checks import quantity_errors
from machinery.api import names, quantity
from machinery.api.errors import FieldError

_COMPUTE = ("cpu", "memory", "ephemeral-storage")
_COUNTED = (
    "pods", "resourcequotas", "services", "replicationcontrollers", "secrets", "configmaps",
    "persistentvolumeclaims", "services.nodeports", "services.loadbalancers",
)  # fmt: skip
_ASKED = tuple(f"{how}.{what}" for how in ("requests", "limits") for what in _COMPUTE)
_QUOTA = {*_COMPUTE, *_ASKED, *_COUNTED, "requests.storage"}
_STANDARD = {*_QUOTA, "storage"}
_QUOTA_PREFIXES = ("hugepages-", "requests.hugepages-")


def resource_name_errors(name: str, path: str) -> list[FieldError]:
    """Well formed, and standard or fully qualified."""
    if found := [FieldError.invalid(path, name, why) for why in names.qualified_name(name)]:
        return found
    if "/" in name or name in _STANDARD or name.startswith(_QUOTA_PREFIXES):
        return []
    return [FieldError.invalid(path, name, "must be a standard resource type or fully qualified")]


def container_resource_errors(name: str, path: str) -> list[FieldError]:
    """What a container may ask for."""
    if found := resource_name_errors(name, path):
        return found
    if "/" not in name:
        fits = name in _COMPUTE or name.startswith("hugepages-")
        return [] if fits else [FieldError.invalid(path, name, "must be a standard resource for containers")]
    if is_native(name) or is_extended(name):
        return []
    return [FieldError.invalid(path, name, "doesn't follow extended resource name standard")]


def quota_resource_errors(name: str, path: str) -> list[FieldError]:
    """What a quota may limit."""
    found = resource_name_errors(name, path)
    if "/" not in name and not is_standard_quota(name):
        found.append(FieldError.invalid(path, name, "must be a standard resource for quota"))
    return found


def resource_value_errors(name: str, text: str, path: str) -> list[FieldError]:
    """Not below zero, and whole where only whole ones exist."""
    found = quantity_errors(path, text)
    if (name in _COUNTED or is_extended(name)) and quantity.parse(text) % 1:
        found.append(FieldError.invalid(path, text, "must be an integer"))
    return found


def is_standard_quota(name: str) -> bool:
    return name in _QUOTA or name.startswith(_QUOTA_PREFIXES)


def is_native(name: str) -> bool:
    """Kubernetes' own: without a prefix, or with kubernetes.io's."""
    return "/" not in name or "kubernetes.io/" in name


def is_extended(name: str) -> bool:
    """A device or the like, which somebody outside of Kubernetes named."""
    return not is_native(name) and not name.startswith("requests.") and not names.qualified_name(f"requests.{name}")


def may_overcommit(name: str) -> bool:
    """Whether limits may exceed requests."""
    return is_native(name) and not name.startswith("hugepages-")
