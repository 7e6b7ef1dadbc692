"""The way from client-side apply: the last-applied annotation, which only the manager `kubectl` is measured by.

Pure. What kubectl applied from the client's side and still stands so is kubectl's own: no conflict. While an object has
the annotation, server-side applies of kubectl keep it true, so that the way back is open.
`upgraded` is what kubectl does to managedFields before its first server-side apply.
In Kubernetes: apimachinery's managedfields/internal/lastappliedmanager.go, lastappliedupdater.go, lastapplied.go;
client-go's util/csaupgrade.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson

from machinery.api.apply.compare import compare
from machinery.api.apply.extract import fields_of
from machinery.api.apply.field_set import Fields, difference, union
from machinery.api.apply.managers import APPLY, UPDATE
from machinery.api.apply.shapes import struct
from machinery.api.apply.typed import mistakes
from machinery.api.model import Model

Document = dict[str, Any]
ANNOTATION = "kubectl.kubernetes.io/last-applied-configuration"
CLIENT_SIDE = "kubectl-client-side-apply"
ANNOTATIONS_LIMIT = 256 * 1024


def _annotations(document: Document) -> dict[str, str]:
    return (document.get("metadata") or {}).get("annotations") or {}


def allowed_conflicts(live: Document, model: type[Model], api_version: str) -> Fields:
    """The fields that stand as client-side apply left them; none where the annotation does not tell."""
    last = _read(_annotations(live).get(ANNOTATION, ""))
    shape = struct(model)
    if last is None or last.get("apiVersion") != api_version or any(mistakes(last, shape)):
        return {}
    found = compare(last, live, shape)
    return difference(difference(fields_of(last, shape), found.written), found.removed)


def _read(text: str) -> Document | None:
    try:
        document = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return document if isinstance(document, dict) else None


def with_last_applied(document: Document, config: Document) -> Document:
    """The object with its annotation, if it has one, telling this configuration; without it if that is too long."""
    annotations = _annotations(document)
    if not annotations.get(ANNOTATION):
        return document
    changed = {**annotations, ANNOTATION: _text(config)}
    if sum(len(key.encode()) + len(value.encode()) for key, value in changed.items()) > ANNOTATIONS_LIMIT:
        del changed[ANNOTATION]
    return {**document, "metadata": {**document["metadata"], "annotations": changed}}


def _text(config: Document) -> str:
    """As Go writes it: keys sorted, no spaces, HTML's letters escaped, a line end."""
    meta = dict(config.get("metadata") or {})
    if isinstance(meta.get("annotations"), dict):
        meta["annotations"] = {key: value for key, value in meta["annotations"].items() if key != ANNOTATION}
    text = orjson.dumps({**config, "metadata": meta}, option=orjson.OPT_SORT_KEYS).decode() + "\n"
    return text.replace("&", "\\u0026").replace("<", "\\u003c").replace(">", "\\u003e")


def upgraded(entries: list[Document], client_managers: Iterable[str] = (CLIENT_SIDE,), *,
             manager: str = "kubectl") -> list[Document]:
    """managedFields in which an applier has what client-side managers had; these are gone."""
    names = frozenset(client_managers)
    appliers = [entry for entry in entries if _is(entry, APPLY, {manager})]
    updaters = [entry for entry in entries if _is(entry, UPDATE, names)]
    if not updaters:
        return entries
    target = (appliers or updaters)[0]
    same_version = [entry for entry in updaters if entry["apiVersion"] == target["apiVersion"]]
    fields = target["fieldsV1"]
    for entry in same_version:
        fields = union(fields, entry["fieldsV1"])
    applier = {**target, "manager": manager, "operation": APPLY, "fieldsV1": fields}
    return [applier if entry is target else entry for entry in entries
            if entry is target or all(entry is not updater for updater in updaters)]


def _is(entry: Document, operation: str, names: Iterable[str]) -> bool:
    return entry["operation"] == operation and entry["manager"] in names and not entry.get("subresource")
