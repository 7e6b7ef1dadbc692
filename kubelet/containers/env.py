"""A container's environment: envFrom, then env, over what services provide. Pure.

Objects that it refers to are fetched before; here they are a mapping. A variable may use earlier ones by
`$(NAME)`. Real Kubernetes: kubelet_pods.go, makeEnvironmentVariables.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from kubelet.containers.downward import field_value, resource_value
from kubelet.containers.expansion import expand
from kubelet.containers.failure import ConfigFailure
from machinery.api.core.v1 import (
    ConfigMap,
    Container,
    EnvFromSource,
    EnvVar,
    EnvVarSource,
    Pod,
    Secret,
)

Reference = tuple[str, str]
"""("ConfigMap" or "Secret", name), in the pod's namespace."""


@dataclass(frozen=True)
class Sources:
    """What a pod's environment may draw from. An object that does not exist is absent."""

    objects: Mapping[Reference, ConfigMap | Secret] = field(default_factory=dict)
    services: Mapping[str, str] = field(default_factory=dict)
    allocatable: Mapping[str, str] = field(default_factory=dict)


def references(container: Container) -> Iterator[Reference]:
    """The objects that this container's environment needs."""
    for source in container.env_from:
        if source.config_map_ref:
            yield "ConfigMap", source.config_map_ref.name
        if source.secret_ref:
            yield "Secret", source.secret_ref.name
    for variable in container.env:
        if variable.value_from and variable.value_from.config_map_key_ref:
            yield "ConfigMap", variable.value_from.config_map_key_ref.name
        if variable.value_from and variable.value_from.secret_key_ref:
            yield "Secret", variable.value_from.secret_key_ref.name


def texts(found: ConfigMap | Secret) -> dict[str, str]:
    if isinstance(found, Secret):
        return {key: base64.b64decode(text).decode(errors="replace") for key, text in found.data.items()}
    return dict(found.data)


def _object(sources: Sources, kind: str, name: str) -> ConfigMap | Secret | None:
    return sources.objects.get((kind, name))


def _from_source(source: EnvFromSource, sources: Sources) -> Iterator[tuple[str, str]]:
    for kind, reference in (("ConfigMap", source.config_map_ref), ("Secret", source.secret_ref)):
        if reference is None:
            continue
        found = _object(sources, kind, reference.name)
        if found is None and not reference.optional:
            raise ConfigFailure(f'{kind.lower()} "{reference.name}" not found')
        for key, text in (texts(found) if found else {}).items():
            yield source.prefix + key, text


def _key(kind: str, source: EnvVarSource, sources: Sources, namespace: str) -> str | None:
    """One key of an object; None where it is missing but optional."""
    selector = source.config_map_key_ref if kind == "ConfigMap" else source.secret_key_ref
    assert selector is not None
    found = _object(sources, kind, selector.name)
    if found is None:
        if selector.optional:
            return None
        raise ConfigFailure(f'{kind.lower()} "{selector.name}" not found')
    text = texts(found).get(selector.key)
    if text is None and not selector.optional:
        raise ConfigFailure(f"couldn't find key {selector.key} in {kind} {namespace}/{selector.name}")
    return text


def _value_from(pod: Pod, container: Container, source: EnvVarSource, sources: Sources) -> str | None:
    if source.field_ref:
        return field_value(pod, source.field_ref.field_path)
    if source.resource_field_ref:
        return resource_value(pod, container, source.resource_field_ref, sources.allocatable)
    kind = "ConfigMap" if source.config_map_key_ref else "Secret"
    return _key(kind, source, sources, pod.metadata.namespace)


def _one(
    pod: Pod, container: Container, variable: EnvVar, *, known: Mapping[str, str], sources: Sources
) -> str | None:
    if variable.value_from is None:
        return expand(variable.value, known)
    return _value_from(pod, container, variable.value_from, sources)


def environment(pod: Pod, container: Container, sources: Sources) -> dict[str, str]:
    """Names and values; whatever the container sets wins over services."""
    found: dict[str, str] = {}
    for source in container.env_from:
        found.update(_from_source(source, sources))
    for variable in container.env:
        text = _one(pod, container, variable, known={**sources.services, **found}, sources=sources)
        if text is not None:
            found[variable.name] = text
    return {**sources.services, **found}


def wanted(containers: Iterable[Container]) -> set[Reference]:
    return {reference for container in containers for reference in references(container)}
