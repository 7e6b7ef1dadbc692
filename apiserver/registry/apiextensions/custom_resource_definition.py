"""CustomResourceDefinition: a kind of one's own. What it defines is served by apiserver/apiextensions.

Real Kubernetes: apiextensions-apiserver's pkg/registry/customresourcedefinition.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.apiextensions.definitions import FINALIZER, with_terminating
from apiserver.registry.apiextensions.definition_validation import names_errors, spec_errors, stored_version_errors
from apiserver.registry.field_checks import unchanged
from apiserver.registry.rbac.role import CREATED_AT, created_at_row
from apiserver.registry.strategy import ALL_METADATA, Doc, Strategy
from apiserver.registry.webhook_client import default_client
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.apiextensions.v1 import CustomResourceDefinition

_MARKED = (
    "True", "InstanceDeletionPending",
    "CustomResourceDefinition marked for deletion; CustomResource deletion will begin soon",
)  # fmt: skip
_APPROVAL = "api-approved.kubernetes.io"


class CustomResourceDefinitionStrategy(Strategy):
    """See the module."""

    api_version = "apiextensions.k8s.io/v1"
    kind = "CustomResourceDefinition"
    has_status = True
    status_keeps = ALL_METADATA
    has_generation = True
    allow_unconditional_update = False
    columns = CREATED_AT

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        names = spec.setdefault("names", {})
        if names.get("kind"):
            names["singular"] = names.get("singular") or names["kind"].lower()
            names["listKind"] = names.get("listKind") or f"{names['kind']}List"
        conversion = spec.setdefault("conversion", {"strategy": "None"})
        default_client((conversion.get("webhook") or {}).get("clientConfig"))

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        obj["status"] = {"storedVersions": _storage_versions(obj)}

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        """A version that was ever the storage version stays listed."""
        super().prepare_for_update(obj, old)
        stored = obj["status"].get("storedVersions", [])
        added = [name for name in _storage_versions(obj) if name not in stored]
        obj["status"] = {**obj["status"], "storedVersions": [*stored, *added]}

    def validate(self, obj: CustomResourceDefinition) -> list[FieldError]:
        spec, found = obj.spec, []
        if obj.metadata.name != f"{spec.names.plural}.{spec.group}":
            why = 'must be spec.names.plural+"."+spec.group'
            found.append(FieldError.invalid("metadata.name", obj.metadata.name, why))
        return found + spec_errors(spec) + _approval_errors(obj)

    def validate_update(self, obj: CustomResourceDefinition, old: CustomResourceDefinition) -> list[FieldError]:
        new, was, found = obj.spec, old.spec, self.validate(obj)
        if any(row.type == "Established" and row.status == "True" for row in old.status.conditions):
            found += unchanged("spec.scope", new.scope, was.scope)
            found += unchanged("spec.names.kind", new.names.kind, was.names.kind)
        found += unchanged("spec.group", new.group, was.group)
        found += unchanged("spec.names.plural", new.names.plural, was.names.plural)
        return found + stored_version_errors(obj)

    def validate_status_update(self, obj: CustomResourceDefinition, old: Any) -> list[FieldError]:
        return names_errors(obj.status.accepted_names, "status.acceptedNames")

    def blocks_removal(self, obj: Doc) -> bool:
        """Its objects go first, and a finalizer says so from the moment of its deletion."""
        return super().blocks_removal(obj) or "deletionTimestamp" not in obj["metadata"]

    def marked(self, obj: Doc) -> Doc:
        meta = obj["metadata"]
        marked = {**obj, "metadata": {**meta, "finalizers": [*meta.get("finalizers", ()), FINALIZER]}}
        return with_terminating(marked, _MARKED, meta["deletionTimestamp"])

    def row(self, obj: CustomResourceDefinition, now: datetime) -> list[Any]:
        return created_at_row(obj)


def _storage_versions(obj: Doc) -> list[str]:
    return [version["name"] for version in obj["spec"].get("versions", ()) if version.get("storage")]


def _approval_errors(obj: CustomResourceDefinition) -> list[FieldError]:
    """Kubernetes' own groups are not for everybody."""
    group = obj.spec.group
    protected = any(group == own or group.endswith(f".{own}") for own in ("k8s.io", "kubernetes.io"))
    value = obj.metadata.annotations.get(_APPROVAL, "")
    if not protected or value.startswith(("unapproved", "https://", "http://")):
        return []
    path = f"metadata.annotations[{_APPROVAL}]"
    if not value:
        why = "protected groups must have approval annotation \"api-approved.kubernetes.io\""
        return [FieldError.required(path, f"{why}, see https://github.com/kubernetes/enhancements/pull/1111")]
    why = 'protected groups must have approval annotation "api-approved.kubernetes.io" with either a URL or a reason'
    return [FieldError.invalid(path, value, f'{why} starting with "unapproved"')]
