"""Rules about metadata that hold for every kind: what the server fills in, what a writer may not change.

Pure but for the uid and the generated name, which come in as arguments. Works on plain dicts, before validation.
Real Kubernetes: k8s.io/apiserver/pkg/registry/rest (FillObjectMetaSystemFields) and api/validation/objectmeta.go.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from apiserver.storage.keys import key_of
from machinery.api import names
from machinery.api.errors import BadRequest, Conflict, FieldError, Invalid
from machinery.api.field_errors import OMITTED, quote
from machinery.api.scheme import Resource

Doc = dict[str, Any]
ANNOTATIONS_LIMIT = 256 * 1024


def stamp(moment: datetime) -> str:
    """A moment as metav1.Time writes it."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"


def fill_for_create(meta: Doc, *, namespace: str, uid: str, now: datetime) -> None:
    """Set what only the server sets on a new object, and name it if it asks for a generated name."""
    for key in ("resourceVersion", "deletionTimestamp", "deletionGracePeriodSeconds", "selfLink"):
        meta.pop(key, None)
    meta.pop("generation", None)
    meta["uid"] = uid
    meta["creationTimestamp"] = stamp(now)
    if namespace:
        meta["namespace"] = namespace
    else:
        meta.pop("namespace", None)
    if meta.get("generateName") and not meta.get("name"):
        meta["name"] = names.generate_name(meta["generateName"])


def keep_for_update(meta: Doc, old: Doc) -> None:
    """Carry over what an update does not change. To bring a time of deletion along is left in: it is a mistake."""
    for key in ("uid", "creationTimestamp", "generation"):
        if key in old:
            meta[key] = old[key]
        else:
            meta.pop(key, None)
    for key in ("deletionTimestamp", "deletionGracePeriodSeconds"):
        if key in old:
            meta[key] = old[key]
    meta.pop("selfLink", None)


def check_new(meta: Doc) -> None:
    """What a create may not say."""
    if meta.get("resourceVersion", "0") != "0":
        raise BadRequest("resourceVersion should not be set on objects to be created")


def check_namespace(meta: Doc, namespace: str) -> None:
    """The body may repeat the URL's namespace, not contradict it."""
    given = meta.get("namespace")
    if namespace and given and given != namespace:
        raise BadRequest("the namespace of the provided object does not match the namespace sent on the request")
    if namespace:
        meta["namespace"] = namespace
    else:
        meta.pop("namespace", None)


def check_against_url(meta: Doc, *, name: str, namespace: str) -> None:
    """An update's body must repeat the URL's name."""
    check_namespace(meta, namespace)
    given = meta.get("name")
    if not given:
        why = f"the name of the object ({name} based on URL) was undeterminable: name must be provided"
        raise BadRequest(why)
    if given != name:
        raise BadRequest(f"the name of the object ({given}) does not match the name on the URL ({name})")


def check_versions(resource: Resource, meta: Doc, old: Doc, *, unconditional: bool) -> None:
    """An update may say which object in which state it is about."""
    if meta.get("uid") and meta["uid"] != old["uid"]:
        raise Conflict(resource.plural, old["name"], uid_mismatch(resource, meta, old), group=resource.group)
    given = meta.get("resourceVersion", "")
    if given in ("", "0") and not unconditional:
        # The value is shown as Go prints an unsigned number, and the resource stands where its kind should.
        error = FieldError.invalid("metadata.resourceVersion", OMITTED, "0x0: must be specified for an update")
        raise Invalid(resource.plural, old["name"], [error], group=resource.group)
    if given not in ("", "0", old["resourceVersion"]):
        if not re.fullmatch("[0-9]{1,19}", given, re.ASCII):
            why = f"strconv.ParseUint: parsing {quote(given)}: invalid syntax"
            error = FieldError.invalid("metadata.resourceVersion", given, why)
            raise Invalid(resource.kind, old["name"], [error], group=resource.group)
        raise Conflict(resource.plural, old["name"], group=resource.group)


def uid_mismatch(resource: Resource, meta: Doc, old: Doc) -> str:
    """Storage's own words for an object that is another one of the same name."""
    key = key_of(resource.plural, meta["name"], meta.get("namespace", "") if resource.namespaced else "")
    return (
        f"StorageError: invalid object, Code: 4, Key: {key}, ResourceVersion: 0, AdditionalErrorMsg: Precondition "
        f"failed: UID in precondition: {meta['uid']}, UID in object meta: {old.get('uid', '')}"
    )


def without_duplicate_owners(doc: Doc, *, after: str = "") -> list[str]:
    """Take repeated ownerReferences out of an object; the warning that says so."""
    given = (doc.get("metadata") or {}).get("ownerReferences") or []
    kept: list[Doc] = []
    for reference in given:
        if reference not in kept:
            kept.append(reference)
    if len(kept) == len(given):
        return []
    doc["metadata"]["ownerReferences"] = kept
    repeated = [each.get("uid", "") for place, each in enumerate(given) if each in given[:place]]
    return [
        f".metadata.ownerReferences contains duplicate entries{after}; API server dedups owner references in 1.20+, "
        "and may reject such requests as early as 1.24; please fix your requests; duplicate UID(s) observed: "
        + ", ".join(repeated)
    ]


def errors(meta: Any, *, namespaced: bool, name_errors: Callable[[str], list[str]]) -> list[FieldError]:
    """Everything that is wrong with an object's metadata."""
    return [
        *_name_errors(meta, name_errors),
        *(_namespace_errors(meta) if namespaced else ()),
        *label_errors(meta.labels, "metadata.labels"),
        *_annotation_errors(meta.annotations),
        *_owner_errors(meta.owner_references),
        *_finalizer_errors(meta.finalizers),
    ]


def _name_errors(meta: Any, name_errors: Callable[[str], list[str]]) -> list[FieldError]:
    if not meta.name:
        return [FieldError.required("metadata.name", "name or generateName is required")]
    found = []
    if meta.generate_name:
        bad = name_errors(names.without_trailing_dash(meta.generate_name))
        found += [FieldError.invalid("metadata.generateName", meta.generate_name, why) for why in bad]
    return found + [FieldError.invalid("metadata.name", meta.name, why) for why in name_errors(meta.name)]


def _namespace_errors(meta: Any) -> list[FieldError]:
    if not meta.namespace:
        return [FieldError.required("metadata.namespace")]
    bad = names.dns_label(meta.namespace)
    return [FieldError.invalid("metadata.namespace", meta.namespace, why) for why in bad]


def label_errors(labels: dict[str, str], path: str) -> list[FieldError]:
    """Labels: qualified keys, short plain values."""
    found = []
    for key, value in labels.items():
        found += [FieldError.invalid(path, key, why) for why in names.qualified_name(key)]
        found += [FieldError.invalid(path, value, why) for why in names.label_value(value)]
    return found


def _annotation_errors(annotations: dict[str, str]) -> list[FieldError]:
    path = "metadata.annotations"
    found = [
        FieldError.invalid(path, key, why) for key in annotations for why in names.qualified_name(key.lower())
    ]
    size = sum(len(key) + len(value) for key, value in annotations.items())
    if size > ANNOTATIONS_LIMIT:
        found.append(FieldError.too_long(path, "", ANNOTATIONS_LIMIT))
    return found


def _owner_errors(owners: tuple[Any, ...]) -> list[FieldError]:
    found = []
    for index, owner in enumerate(owners):
        path = f"metadata.ownerReferences[{index}]" if len(owners) > 1 else "metadata.ownerReferences[0]"
        for field, value in (("apiVersion", owner.api_version), ("kind", owner.kind), ("name", owner.name)):
            if not value:
                found.append(FieldError.invalid(f"{path}.{field}", value, "must not be empty"))
        if not owner.uid:
            found.append(FieldError.invalid(f"{path}.uid", owner.uid, "must not be empty"))
    controllers = [owner for owner in owners if owner.controller]
    if len(controllers) > 1:
        why = "Only one reference can have Controller set to true. Found \"true\" in references for {} and {}"
        pair = [f"{owner.kind}/{owner.name}" for owner in controllers[:2]]
        shown = [owner.to_dict() for owner in owners]
        found.append(FieldError.invalid("metadata.ownerReferences", shown, why.format(*pair)))
    return found


def _finalizer_errors(finalizers: tuple[str, ...]) -> list[FieldError]:
    found = []
    for finalizer in finalizers:
        found += [
            FieldError.invalid("metadata.finalizers", finalizer, why) for why in names.qualified_name(finalizer)
        ]
    if {"orphan", "foregroundDeletion"} <= set(finalizers):
        why = "finalizer foregroundDeletion and orphan cannot be both set"
        found.append(FieldError.invalid("metadata.finalizers", list(finalizers), why))
    return found


def update_errors(meta: Any, old: Any) -> list[FieldError]:
    """What an update may not do to metadata, beyond what `keep_for_update` carried over."""
    found = []
    added = [finalizer for finalizer in meta.finalizers if finalizer not in old.finalizers]
    if old.deletion_timestamp is not None and added:
        why = "no new finalizers can be added if the object is being deleted, found new finalizers []string{"
        shown = ", ".join(f'"{name}"' for name in added)
        found.append(FieldError.forbidden("metadata.finalizers", why + shown + "}"))
    if meta.deletion_timestamp != old.deletion_timestamp:
        found.append(FieldError.immutable("metadata.deletionTimestamp", stamp(meta.deletion_timestamp)))
    if meta.deletion_grace_period_seconds != old.deletion_grace_period_seconds:
        seconds = meta.deletion_grace_period_seconds
        found.append(FieldError.immutable("metadata.deletionGracePeriodSeconds", seconds))
    return found
