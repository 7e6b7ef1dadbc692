"""Everything that can be wrong with a container's environment, and with references to a pod's own fields.

Real Kubernetes: ValidateEnv, ValidateEnvFrom and validateObjectFieldSelector in pkg/apis/core/validation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

from machinery.api import names
from machinery.api.core.v1 import EnvFromSource, EnvVar, EnvVarSource, ObjectFieldSelector, ResourceFieldSelector
from machinery.api.errors import FieldError

_ENV_PATHS = (
    "metadata.name", "metadata.namespace", "metadata.uid", "spec.nodeName", "spec.serviceAccountName",
    "status.hostIP", "status.hostIPs", "status.podIP", "status.podIPs",
)  # fmt: skip
VOLUME_PATHS = ("metadata.annotations", "metadata.labels", "metadata.name", "metadata.namespace", "metadata.uid")
_SUBSCRIPT = re.compile(r"^(metadata\.(?:annotations|labels))\['(.+)'\]$")
_RESOURCES = (
    "limits.cpu", "limits.ephemeral-storage", "limits.memory",
    "requests.cpu", "requests.ephemeral-storage", "requests.memory",
)  # fmt: skip
_ONE_OF = "must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef` or `secretKeyRef`"
_ONLY_ONE = "may not have more than one field specified at a time"


def environment_errors(env: Iterable[EnvVar], env_from: Iterable[EnvFromSource], path: str) -> list[FieldError]:
    """Errors of `env` and `envFrom` of the container at `path`."""
    found = []
    for index, variable in enumerate(env):
        found += _variable_errors(variable, f"{path}.env[{index}]")
    for index, source in enumerate(env_from):
        found += _from_errors(source, f"{path}.envFrom[{index}]")
    return found


def _from_errors(source: EnvFromSource, path: str) -> list[FieldError]:
    found = []
    if source.prefix:
        found += [FieldError.invalid(f"{path}.prefix", source.prefix, why) for why in names.env_var_name(source.prefix)]
    given = {"configMapRef": source.config_map_ref, "secretRef": source.secret_ref}
    given = {name: ref for name, ref in given.items() if ref is not None}
    if not given:
        why = "must specify one of: `configMapRef` or `secretRef`"
        return [*found, FieldError.invalid(path, "", why)]
    if len(given) > 1:
        found.append(FieldError.invalid(path, "", _ONLY_ONE))
    return found + [FieldError.required(f"{path}.{name}.name") for name, ref in given.items() if not ref.name]


def _variable_errors(variable: EnvVar, path: str) -> list[FieldError]:
    found = []
    if not variable.name:
        found.append(FieldError.required(f"{path}.name"))
    else:
        bad = names.env_var_name(variable.name)
        found += [FieldError.invalid(f"{path}.name", variable.name, why) for why in bad]
    if variable.value_from is not None:
        found += _value_from_errors(variable.value_from, variable.value, f"{path}.valueFrom")
    return found


def _value_from_errors(source: EnvVarSource, value: str, path: str) -> list[FieldError]:
    found, count = [], 0
    if source.field_ref is not None:
        count += 1
        found += field_ref_errors(source.field_ref, _ENV_PATHS, f"{path}.fieldRef")
    if source.resource_field_ref is not None:
        count += 1
        found += _resource_ref_errors(source.resource_field_ref, f"{path}.resourceFieldRef")
    for name, ref in (("configMapKeyRef", source.config_map_key_ref), ("secretKeyRef", source.secret_key_ref)):
        if ref is not None:
            count += 1
            found += _key_ref_errors(ref, f"{path}.{name}")
    if count == 0:
        return [FieldError.invalid(path, "", _ONE_OF)]
    if value:
        found.append(FieldError.invalid(path, "", "may not be specified when `value` is not empty"))
    elif count > 1:
        found.append(FieldError.invalid(path, "", _ONLY_ONE))
    return found


def field_ref_errors(ref: ObjectFieldSelector, paths: tuple[str, ...], path: str) -> list[FieldError]:
    """A reference to a field of the pod itself must name one that is offered there."""
    where = f"{path}.fieldPath"
    if not ref.field_path:
        return [FieldError.required(where)]
    if subscript := _SUBSCRIPT.match(ref.field_path):
        return [FieldError.invalid(where, subscript[2], why) for why in names.qualified_name(subscript[2].lower())]
    if ref.field_path in paths:
        return []
    if ref.field_path in (*_ENV_PATHS, *VOLUME_PATHS):
        return [FieldError.not_supported(where, ref.field_path, paths)]
    why = f"error converting fieldPath: field label not supported: {ref.field_path}"
    return [FieldError.invalid(where, ref.field_path, why)]


def _resource_ref_errors(ref: ResourceFieldSelector, path: str) -> list[FieldError]:
    if not ref.resource:
        return [FieldError.required(f"{path}.resource")]
    known = ref.resource in _RESOURCES or ref.resource.partition(".")[2].startswith("hugepages-")
    return [] if known else [FieldError.not_supported(f"{path}.resource", ref.resource, _RESOURCES)]


def _key_ref_errors(ref: Any, path: str) -> list[FieldError]:
    found = [] if ref.name else [FieldError.required(f"{path}.name")]
    if not ref.key:
        return [*found, FieldError.required(f"{path}.key")]
    return found + [FieldError.invalid(f"{path}.key", ref.key, why) for why in names.config_map_key(ref.key)]
