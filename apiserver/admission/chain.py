"""The ordered list of admission plugins, and the two walks over it: those that change, then those that refuse.

A plugin has `admit` (may change the object), `validate` (may only refuse), or both.
Real Kubernetes: pkg/kubeapiserver/options/plugins.go holds the order.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Protocol

from apiserver.admission.always_pull_images import AlwaysPullImages
from apiserver.admission.attributes import Attributes
from apiserver.admission.certificate_subject import CertificateSubjectRestriction
from apiserver.admission.certificates import CertificateApproval, CertificateSigning
from apiserver.admission.claim_resize import PersistentVolumeClaimResize
from apiserver.admission.default_class import DefaultIngressClass, DefaultStorageClass
from apiserver.admission.default_toleration_seconds import DefaultTolerationSeconds
from apiserver.admission.event_rate_limit import EventRateLimit
from apiserver.admission.limit_ranger import LimitRanger
from apiserver.admission.namespace_lifecycle import NamespaceLifecycle, Namespaces
from apiserver.admission.node_restriction import NodeRestriction
from apiserver.admission.owner_references import OwnerReferencesPermissionEnforcement, ResourceOf
from apiserver.admission.plugin import Plugin
from apiserver.admission.pod_security import PodSecurity
from apiserver.admission.priority import Priority, PriorityClasses, PriorityClassRules
from apiserver.admission.resource_quota import Quotas, ResourceQuota
from apiserver.admission.runtime_class import RuntimeClass
from apiserver.admission.service_account import ServiceAccount, ServiceAccounts
from apiserver.admission.storage_object_in_use import StorageObjectInUseProtection
from apiserver.admission.taint_nodes_by_condition import TaintNodesByCondition
from apiserver.admission.webhook.setup import Webhooks
from apiserver.authorization.authorizer import Authorizer

Doc = dict[str, Any]


class Objects(Protocol):
    """How a plugin looks up objects of one kind."""

    @property
    def any(self) -> bool:
        """Whether there are any at all."""

    async def of(self, namespace: str = "") -> Sequence[Doc]:
        """Those of a namespace, or all; not to be changed."""

    async def named(self, name: str, namespace: str = "") -> Doc | None:
        """The one of this name; not to be changed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lookups:
    """What the plugins know of the cluster beside the request."""

    namespaces: Namespaces
    accounts: ServiceAccounts
    priority_classes: PriorityClasses
    quotas: Quotas
    objects: Callable[..., Objects]
    """By plural and group; without `keep`, for kinds of which there are many."""
    resource_of: ResourceOf = lambda version, kind: None
    """From apiVersion and kind to what is served."""


OFF_BY_DEFAULT = frozenset({
    "AlwaysPullImages", "NodeRestriction", "EventRateLimit", "OwnerReferencesPermissionEnforcement",
})  # fmt: skip
CONFIGURABLE = ("EventRateLimit", "PodSecurity", "ResourceQuota")
"""Plugins that --admission-control-config-file may tell something."""
NOTHING: Mapping[str, Doc] = MappingProxyType({})


def plugins(
    known: Lookups, *, webhooks: Webhooks | None = None, authorizers: Sequence[Authorizer] = (),
    enabled: Collection[str] = (), disabled: Collection[str] = (), configured: Mapping[str, Doc] = NOTHING,
) -> tuple[Plugin, ...]:
    """The plugins in the order in which they are asked: those on by default or `enabled`, but for the `disabled`.

    `configured` holds what some are told beside. Raises configuration.Mistaken.
    """
    ordered: tuple[Plugin, ...] = (
        NamespaceLifecycle(known.namespaces),
        LimitRanger(known.objects("limitranges")),
        ServiceAccount(known.accounts),
        NodeRestriction(known.objects("pods", keep=False), known.objects("nodes", keep=False)),
        TaintNodesByCondition(),
        AlwaysPullImages(),
        PodSecurity(known.objects("namespaces"), known.objects("pods", keep=False), configured.get("PodSecurity")),
        Priority(known.priority_classes),
        PriorityClassRules(known.priority_classes),
        DefaultTolerationSeconds(),
        EventRateLimit(configured.get("EventRateLimit")),
        DefaultStorageClass(known.objects("storageclasses", "storage.k8s.io")),
        StorageObjectInUseProtection(),
        OwnerReferencesPermissionEnforcement(authorizers, known.resource_of),
        PersistentVolumeClaimResize(known.objects("storageclasses", "storage.k8s.io")),
        RuntimeClass(known.objects("runtimeclasses", "node.k8s.io")),
        CertificateApproval(authorizers),
        CertificateSigning(authorizers),
        CertificateSubjectRestriction(),
        DefaultIngressClass(known.objects("ingressclasses", "networking.k8s.io")),
    )
    disabled = {*disabled, *(OFF_BY_DEFAULT - {*enabled})}
    first = _without(disabled, ordered)
    last = (webhooks.mutating(first), webhooks.policy(), webhooks.validating()) if webhooks is not None else ()
    return (*first, *_without(disabled, (*last, ResourceQuota(known.quotas, configured.get("ResourceQuota")))))


def _without(disabled: Collection[str], known: Sequence[Plugin]) -> tuple[Plugin, ...]:
    return tuple(plugin for plugin in known if type(plugin).__name__ not in disabled)


class Chain:
    """Asks every plugin in turn; the first one that raises ends the request."""

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = tuple(plugins)

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        return self._plugins

    @plugins.setter
    def plugins(self, plugins: tuple[Plugin, ...]) -> None:
        """Most plugins have something to do on one of the two walks only."""
        self._plugins = plugins
        self._admitting = [each for each in plugins if type(each).admit is not Plugin.admit]
        self._validating = [each for each in plugins if type(each).validate is not Plugin.validate]

    async def passes(self, attributes: Attributes, obj: Doc, old: Doc | None = None) -> None:
        """Both walks, for what is asked at a subresource and stored, if at all, as something else."""
        await self.admit(attributes, obj, old)
        await self.validate(attributes, obj, old)

    async def admit(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        """Let plugins change `obj` in place."""
        if attributes.settled:
            return
        for plugin in self._admitting:
            if plugin.handles(attributes):
                await plugin.admit(attributes, obj, old)

    async def validate(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        """Let plugins refuse what the object has become."""
        if attributes.settled:
            return
        for plugin in self._validating:
            if plugin.handles(attributes):
                await plugin.validate(attributes, obj, old)
