"""Owners of .spec.replicas, seen through the scale subresource, and what a write through it did to them.

Pure. An autoscaler writes a Scale, yet the Deployment's managedFields must tell that it owns the Deployment's replicas.
In Kubernetes: apimachinery's managedfields/scalehandler.go.
"""

from __future__ import annotations

from typing import Any

from machinery.api.apply import managers as owners
from machinery.api.apply.field_set import difference, has, of_paths
from machinery.api.apply.managers import Owned

SCALE_VERSION = "autoscaling/v1"
REPLICAS = ("f:spec", "f:replicas")


def to_scale(entries: Any, replicas: tuple[str, ...] = REPLICAS) -> list[dict[str, Any]]:
    """The managedFields of the Scale: those owners of the parent's who own its replicas, which stand there."""
    found = {identity: Owned(of_paths(REPLICAS), SCALE_VERSION, owned.time)
             for identity, owned in owners.read(entries).items() if has(owned.fields, replicas)}
    return owners.written({_in_version(identity, SCALE_VERSION): owned for identity, owned in found.items()})


def to_parent(
    entries: Any, scale_entries: Any, api_version: str, replicas: tuple[str, ...] = REPLICAS
) -> list[dict[str, Any]]:
    """The parent's managedFields after the Scale's became these."""
    scale = {_in_version(identity, api_version): owned for identity, owned in owners.read(scale_entries).items()
             if has(owned.fields, REPLICAS)}
    after = {}
    for identity, owned in owners.read(entries).items():
        if has(owned.fields, replicas) and identity not in scale:
            owned = owned._replace(fields=difference(owned.fields, of_paths(replicas)))
        if owned.fields:
            after[identity] = owned
    for identity, owned in scale.items():
        after.setdefault(identity, Owned(of_paths(replicas), api_version, owned.time))
    return owners.written(after)


def _in_version(identity: owners.Identity, api_version: str) -> owners.Identity:
    return identity._replace(api_version=api_version) if identity.api_version else identity
