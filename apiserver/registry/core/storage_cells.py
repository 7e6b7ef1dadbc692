"""Cells and checks that volumes and claims share: access modes, classes, volume modes. Pure.

Real Kubernetes: pkg/apis/core/v1/helper (GetAccessModesAsString, GetPersistentVolumeClass) and ValidateClassName.
"""

from __future__ import annotations

from collections.abc import Iterable

from apiserver.registry.field_checks import one_of
from machinery.api import names
from machinery.api.errors import FieldError
from machinery.api.meta.v1 import ObjectMeta

CLASS_ANNOTATION = "volume.beta.kubernetes.io/storage-class"
_SHORT = {"ReadWriteOnce": "RWO", "ReadOnlyMany": "ROX", "ReadWriteMany": "RWX", "ReadWriteOncePod": "RWOP"}
_MODES = tuple(sorted(_SHORT))


def modes_cell(modes: Iterable[str]) -> str:
    """`RWO,ROX`, each once, in Kubernetes' order."""
    given = set(modes)
    return ",".join(short for mode, short in _SHORT.items() if mode in given)


def class_of(meta: ObjectMeta, name: str | None) -> str:
    """The storage class: an annotation of old wins."""
    return meta.annotations.get(CLASS_ANNOTATION, name or "")


def access_mode_errors(modes: tuple[str, ...], path: str) -> list[FieldError]:
    """Known modes, and ReadWriteOncePod alone."""
    found = [error for mode in modes for error in one_of(path, mode, _MODES)]
    if "ReadWriteOncePod" in modes and {*modes} & {*_MODES} - {"ReadWriteOncePod"}:
        found.append(FieldError.forbidden(path, "may not use ReadWriteOncePod with other access modes"))
    return found


def class_name_errors(name: str | None, path: str) -> list[FieldError]:
    return [FieldError.invalid(path, name, why) for why in names.dns_subdomain(name)] if name else []


def volume_mode_errors(mode: str | None, path: str) -> list[FieldError]:
    return one_of(path, mode, ("Block", "Filesystem")) if mode is not None else []
