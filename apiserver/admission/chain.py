"""The ordered list of admission plugins, and the two walks over it: those that change, then those that refuse.

A plugin has `admit` (may change the object), `validate` (may only refuse), or both.
Real Kubernetes: pkg/kubeapiserver/options/plugins.go holds the order. Left out so far: quota.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.default_toleration_seconds import DefaultTolerationSeconds
from apiserver.admission.namespace_lifecycle import NamespaceLifecycle, Namespaces
from apiserver.admission.plugin import Plugin
from apiserver.admission.priority import Priority, PriorityClasses, PriorityClassRules
from apiserver.admission.service_account import ServiceAccount, ServiceAccounts
from apiserver.admission.webhook.setup import Webhooks

Doc = dict[str, Any]


def plugins(
    namespaces: Namespaces, accounts: ServiceAccounts, classes: PriorityClasses, *,
    webhooks: Webhooks | None = None, disabled: Sequence[str] = (),
) -> tuple[Plugin, ...]:
    """The plugins in the order in which they are asked, without those that are `disabled` by name."""
    known: tuple[Plugin, ...] = (
        NamespaceLifecycle(namespaces),
        ServiceAccount(accounts),
        Priority(classes),
        PriorityClassRules(classes),
        DefaultTolerationSeconds(),
    )
    known = _without(disabled, known)
    last = (webhooks.mutating(known), webhooks.validating()) if webhooks is not None else ()
    return (*known, *_without(disabled, last))


def _without(disabled: Sequence[str], known: Sequence[Plugin]) -> tuple[Plugin, ...]:
    return tuple(plugin for plugin in known if type(plugin).__name__ not in disabled)


class Chain:
    """Asks every plugin in turn; the first one that raises ends the request."""

    def __init__(self, plugins: Sequence[Plugin] = ()) -> None:
        self.plugins = tuple(plugins)

    async def admit(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        """Let plugins change `obj` in place."""
        for plugin in self.plugins:
            if plugin.handles(attributes):
                await plugin.admit(attributes, obj, old)

    async def validate(self, attributes: Attributes, obj: Doc | None, old: Doc | None) -> None:
        """Let plugins refuse what the object has become."""
        for plugin in self.plugins:
            if plugin.handles(attributes):
                await plugin.validate(attributes, obj, old)
