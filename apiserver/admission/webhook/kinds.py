"""What webhooks must know of the kinds that are served: in which other versions an object can be shown, and defaults.

Real Kubernetes: admission.ObjectInterfaces with its EquivalentResourceMapper. Left out: versions of custom kinds that a
webhook converts.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from typing import Any, Protocol

from apiserver import decoding
from apiserver.admission.attributes import Attributes
from apiserver.admission.matching import View
from apiserver.registry import metadata
from apiserver.registry.conversion import Conversion
from apiserver.registry.strategy import Strategy
from machinery.api import scheme
from machinery.api.model import Model
from machinery.api.scheme import Resource

Doc = dict[str, Any]


class _HasStrategy(Protocol):
    strategy: Strategy


class ServedKinds:
    """Wants the stores, by group, version and plural."""

    def __init__(self, stores: Mapping[tuple[str, str, str], _HasStrategy]) -> None:
        self._stores = stores

    def views(self, attributes: Attributes) -> tuple[View, ...]:
        """The resource itself first, then the same objects in other groups and versions."""
        resource, kind = attributes.resource, attributes.shown_kind
        if kind != (resource.api_version, resource.kind):
            return (View(resource, of=kind),)
        found = [View(resource)]
        here = (resource.api_version, resource.kind)
        for store in self._stores.values():
            strategy = getattr(store, "strategy", None)
            if strategy is not None and strategy.alike and _another_version(strategy.resource, resource):
                found.append(View(strategy.resource, back=_named(resource.api_version)))
            if strategy is None or not isinstance(strategy.conversion, Conversion):
                continue
            conversion = strategy.conversion
            if here == conversion.view:
                stored = self._resource(conversion.stored)
                if stored is not None:
                    found.append(View(stored, _fresh(conversion.to_stored), _fresh(conversion.from_stored)))
            elif here == conversion.stored:
                found.append(View(strategy.resource, _fresh(conversion.from_stored), _fresh(conversion.to_stored)))
        return tuple(found)

    def _resource(self, wanted: tuple[str, str]) -> Resource | None:
        rows = (getattr(store, "strategy", None) for store in self._stores.values())
        found = (row.resource for row in rows if row is not None)
        return next((row for row in found if (row.api_version, row.kind) == wanted), None)

    def completed(self, attributes: Attributes, doc: Doc, old: Doc | None) -> Doc:
        """A patched object decoded anew and defaulted. Raises Undecodable; BadRequest if it moved elsewhere."""
        resource, (version, kind) = attributes.resource, attributes.shown_kind
        if (version, kind) != (resource.api_version, resource.kind):
            return decoding.decoded(doc, _model(version, kind), api_version=version)
        strategy = self._stores[resource.group, resource.version, resource.plural].strategy
        found = decoding.decoded(doc, strategy.model, api_version=resource.api_version)
        meta = found.setdefault("metadata", {})
        if old is not None:
            metadata.keep_for_update(meta, old["metadata"])
        metadata.check_namespace(meta, attributes.namespace)
        strategy.default(found)
        return found


def _another_version(one: Resource, other: Resource) -> bool:
    return (one.group, one.plural) == (other.group, other.plural) and one.version != other.version


def _named(api_version: str) -> Callable[[Doc], Doc]:
    return lambda doc: {**doc, "apiVersion": api_version}


def _model(api_version: str, kind: str) -> type[Model]:
    group, _, version = api_version.rpartition("/")
    return scheme.model_of(group, version, kind)


def _fresh(convert: Any) -> Any:
    """Conversions may change what they are given."""
    return lambda doc: convert(copy.deepcopy(doc))
