"""LimitRange and ResourceQuota."""

from typing import ClassVar

from machinery.api.meta.v1 import ObjectMeta
from machinery.api.model import Model, Object, Quantity, field


class LimitRangeItem(Model):
    """Bounds and defaults for one type of object."""

    type: str = field(1, "", required=True)
    """What it bounds: Container, Pod or PersistentVolumeClaim."""
    max: dict[str, Quantity] = field(2, {})
    """The most that may be asked for, by resource."""
    min: dict[str, Quantity] = field(3, {})
    """The least that must be asked for, by resource."""
    default: dict[str, Quantity] = field(4, {})
    """The limit of containers that set none, by resource."""
    default_request: dict[str, Quantity] = field(5, {})
    """The request of containers that set none, by resource."""
    max_limit_request_ratio: dict[str, Quantity] = field(6, {})
    """How many times its request a limit may be, by resource."""


class LimitRangeSpec(Model):
    """The limits of a LimitRange."""

    limits: tuple[LimitRangeItem, ...] = field(1, (), required=True, list_type="atomic")
    """One entry for each type, such as Container or Pod."""


class LimitRange(Object):
    """Bounds and defaults for what objects of a namespace may ask for."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "LimitRange", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: LimitRangeSpec = field(2, LimitRangeSpec)
    """The bounds."""


class ScopedResourceSelectorRequirement(Model):
    """One expression of a scope selector."""

    scope_name: str = field(1, "", required=True)
    """Terminating, NotTerminating, BestEffort, NotBestEffort, PriorityClass or CrossNamespacePodAffinity."""
    operator: str = field(2, "", required=True)
    """In, NotIn, Exists or DoesNotExist."""
    values: tuple[str, ...] = field(3, (), list_type="atomic")
    """For In and NotIn at least one, such as names of priority classes; else none."""


class ScopeSelector(Model):
    """Which objects a quota counts."""

    atomic: ClassVar[bool] = True
    match_expressions: tuple[ScopedResourceSelectorRequirement, ...] = field(1, (), list_type="atomic")
    """Expressions that an object must all match to be counted."""


class ResourceQuotaSpec(Model):
    """The hard limits of a quota and what they count."""

    hard: dict[str, Quantity] = field(1, {})
    """The most that all objects together may ask for: pods, requests.cpu, limits.memory, count/jobs.batch …"""
    scopes: tuple[str, ...] = field(2, (), list_type="atomic")
    """Only objects to which all of these apply: Terminating, NotTerminating, BestEffort, NotBestEffort …"""
    scope_selector: ScopeSelector | None = field(3, None)
    """The same as expressions, such as pods of certain priority classes."""


class ResourceQuotaStatus(Model):
    """The limits in force and what is used."""

    hard: dict[str, Quantity] = field(1, {})
    """The limits that are in force."""
    used: dict[str, Quantity] = field(2, {})
    """How much of each is used now."""


class ResourceQuota(Object):
    """How much a namespace may use in all."""

    api_version: str = field(None, "v1", required=True)
    kind: str = field(None, "ResourceQuota", required=True)
    metadata: ObjectMeta = field(1, ObjectMeta)
    spec: ResourceQuotaSpec = field(2, ResourceQuotaSpec)
    """What is limited: requests that would go beyond it are refused."""
    status: ResourceQuotaStatus = field(3, ResourceQuotaStatus)
    """Written by a controller: what is in force and in use."""
