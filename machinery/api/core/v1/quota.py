"""LimitRange and ResourceQuota."""

from typing import ClassVar

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Quantity, field


class LimitRangeItem(Model):
    """Bounds and defaults for one type of object."""

    type: str = field(1, "", required=True)
    max: dict[str, Quantity] = field(2, {})
    min: dict[str, Quantity] = field(3, {})
    default: dict[str, Quantity] = field(4, {})
    default_request: dict[str, Quantity] = field(5, {})
    max_limit_request_ratio: dict[str, Quantity] = field(6, {})


class LimitRangeSpec(Model):
    """The limits of a LimitRange."""

    limits: tuple[LimitRangeItem, ...] = field(1, (), required=True, list_type="atomic")


class LimitRange(Object):
    """Bounds and defaults for what objects of a namespace may ask for."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "LimitRange", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: LimitRangeSpec = field(2, LimitRangeSpec)


class ScopedResourceSelectorRequirement(Model):
    """One expression of a scope selector."""

    scope_name: str = field(1, "", required=True)
    operator: str = field(2, "", required=True)
    values: tuple[str, ...] = field(3, (), list_type="atomic")


class ScopeSelector(Model):
    """Which objects a quota counts."""

    atomic: ClassVar[bool] = True
    match_expressions: tuple[ScopedResourceSelectorRequirement, ...] = field(1, (), list_type="atomic")


class ResourceQuotaSpec(Model):
    """The hard limits of a quota and what they count."""

    hard: dict[str, Quantity] = field(1, {})
    scopes: tuple[str, ...] = field(2, (), list_type="atomic")
    scope_selector: ScopeSelector | None = field(3, None)


class ResourceQuotaStatus(Model):
    """The limits in force and what is used."""

    hard: dict[str, Quantity] = field(1, {})
    used: dict[str, Quantity] = field(2, {})


class ResourceQuota(Object):
    """How much a namespace may use in all."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ResourceQuota", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ResourceQuotaSpec = field(2, ResourceQuotaSpec)
    status: ResourceQuotaStatus = field(3, ResourceQuotaStatus)
