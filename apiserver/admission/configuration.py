"""The file of --admission-control-config-file: what plugins are told beside flags, by the name of each plugin.

An AdmissionConfiguration (apiserver.config.k8s.io/v1) holds each plugin's own configuration, or the path of a file with
it, which is looked for beside this one. A mistake refuses the start and names the field.
Real Kubernetes: k8s.io/apiserver/pkg/admission/config.go.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any

import yaml

from machinery.api.field_errors import FieldError
from machinery.api.yaml import load

Doc = dict[str, Any]
KIND = "AdmissionConfiguration"
VERSIONS = ("apiserver.config.k8s.io/v1", "apiserver.k8s.io/v1alpha1")


class Mistaken(Exception):
    """Why a configuration cannot be used."""


def read(path: str, known: Collection[str]) -> dict[str, Doc]:
    """Each plugin's configuration by its name; `known` are those that can be configured. Raises Mistaken."""
    document = _document(Path(path))
    check_kind(document, KIND, VERSIONS, where=path)
    rows = document.get("plugins") or []
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Mistaken(f"{path}: plugins: Invalid value: must be a list of objects")
    found: dict[str, Doc] = {}
    for number, row in enumerate(rows):
        here = f"plugins[{number}]"
        name = row.get("name")
        if name not in known:
            raise Mistaken(f"{path}: {FieldError.not_supported(f'{here}.name', name, sorted(known))}")
        if name in found:
            raise Mistaken(f"{path}: {FieldError.duplicate(f'{here}.name', name)}")
        found[name] = _configuration(row, Path(path).parent, f"{path}: {here}")
    return found


def _configuration(row: Doc, folder: Path, where: str) -> Doc:
    own, path = row.get("configuration"), row.get("path")
    if own and path:
        raise Mistaken(f"{where}: only one of path and configuration may be given")
    found = _document(folder / path) if path else own
    if not isinstance(found, dict):
        raise Mistaken(f"{where}: neither path nor configuration is given")
    return found


def _document(path: Path) -> Doc:
    try:
        document = load(path.read_bytes())
    except (OSError, yaml.YAMLError) as error:
        raise Mistaken(f"{path}: {error}") from None
    if not isinstance(document, dict):
        raise Mistaken(f"{path}: no object")
    return document


def check_kind(document: Mapping[str, Any], kind: str, versions: Collection[str], *, where: str) -> None:
    if document.get("kind") != kind or document.get("apiVersion") not in versions:
        raise Mistaken(f"{where}: no {kind} of {' or '.join(versions)}")


def refuse(where: str, errors: Iterable[FieldError]) -> None:
    """Raise Mistaken if there is any error."""
    if found := list(errors):
        raise Mistaken(f"{where}: " + "; ".join(map(str, found)))


def unknown_fields(document: Mapping[str, Any], known: Collection[str], path: str = "") -> list[FieldError]:
    """A field that nobody reads is a mistake: what it was to say would not happen."""
    dot = f"{path}." if path else ""
    return [FieldError.invalid(dot + name, document[name], "unknown field") for name in document if name not in known]
