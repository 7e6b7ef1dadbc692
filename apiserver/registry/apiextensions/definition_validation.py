"""What can be wrong with a CustomResourceDefinition beside its schemas: names, versions, columns, conversion.

Pure. Real Kubernetes: apiextensions-apiserver's pkg/apis/apiextensions/validation.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from apiserver.registry.admissionregistration.webhook_configuration import review_version_errors
from apiserver.registry.apiextensions.schema_validation import schema_errors, simple_path_errors
from apiserver.registry.checks import needed
from apiserver.registry.field_checks import one_of
from apiserver.registry.webhook_client import client_errors
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.apiextensions.v1 import (
        CustomResourceColumnDefinition,
        CustomResourceConversion,
        CustomResourceDefinition,
        CustomResourceDefinitionNames,
        CustomResourceDefinitionSpec,
        CustomResourceDefinitionVersion,
        CustomResourceSubresources,
    )

_COLUMN_TYPES = ("boolean", "date", "integer", "number", "string")
_COLUMN_FORMATS = ("byte", "date", "date-time", "double", "float", "int32", "int64", "password")
_WARNING_LIMIT = 256


def spec_errors(spec: CustomResourceDefinitionSpec) -> list[FieldError]:
    path, found = "spec", []
    if not spec.group:
        found.append(FieldError.required("spec.group"))
    elif bad := names.dns_subdomain(spec.group):
        found.append(FieldError.invalid("spec.group", spec.group, ",".join(bad)))
    elif "." not in spec.group:
        found.append(FieldError.invalid("spec.group", spec.group, "should be a domain with at least one dot"))
    found += one_of("spec.scope", spec.scope, ("Cluster", "Namespaced"), required=True)
    if spec.preserve_unknown_fields:
        why = "cannot set to true, set x-kubernetes-preserve-unknown-fields to true in spec.versions[*].schema instead"
        found.append(FieldError.invalid("spec.preserveUnknownFields", True, why))
    for index, version in enumerate(spec.versions):
        found += _version_errors(version, f"{path}.versions[{index}]")
    shown = [version.name for version in spec.versions]
    if len(set(shown)) != len(shown):
        found.append(FieldError.invalid("spec.versions", shown, "must contain unique version names"))
    if sum(version.storage for version in spec.versions) != 1:
        why = "must have exactly one version marked as storage version"
        found.append(FieldError.invalid("spec.versions", shown, why))
    for field, value in (
        ("plural", spec.names.plural), ("singular", spec.names.singular),
        ("kind", spec.names.kind), ("listKind", spec.names.list_kind),
    ):  # fmt: skip
        found += needed(f"spec.names.{field}", value)
    return found + names_errors(spec.names, "spec.names") + _conversion_errors(spec.conversion, "spec.conversion")


def names_errors(given: CustomResourceDefinitionNames, path: str) -> list[FieldError]:
    """Names are DNS-1035 labels; a kind may mix cases, and differs from its list's."""
    found = []
    plain = [("plural", given.plural), ("singular", given.singular)]
    plain += [(f"shortNames[{index}]", name) for index, name in enumerate(given.short_names)]
    plain += [(f"categories[{index}]", name) for index, name in enumerate(given.categories)]
    for field, value in plain:
        if bad := names.dns1035_label(value) if value or "[" in field else []:
            found.append(FieldError.invalid(f"{path}.{field}", value, ",".join(bad)))
    for field, value in (("kind", given.kind), ("listKind", given.list_kind)):
        if value and (bad := names.dns1035_label(value.lower())):
            why = f"may have mixed case, but should otherwise match: {','.join(bad)}"
            found.append(FieldError.invalid(f"{path}.{field}", value, why))
    if given.kind and given.kind == given.list_kind:
        why = "kind and listKind may not be the same"
        found.append(FieldError.invalid(f"{path}.listKind", given.list_kind, why))
    return found


def _version_errors(version: CustomResourceDefinitionVersion, path: str) -> list[FieldError]:
    found = []
    if bad := names.dns1035_label(version.name):
        found.append(FieldError.invalid(f"{path}.name", version.name, ",".join(bad)))
    found += _warning_errors(version, f"{path}.deprecationWarning")
    schema = version.schema_.open_apiv3_schema if version.schema_ is not None else None
    if schema is None:
        found.append(FieldError.required(f"{path}.schema.openAPIV3Schema", "schemas are required"))
    else:
        found += schema_errors(schema, f"{path}.schema.openAPIV3Schema")
    if version.subresources is not None:
        found += _subresource_errors(version.subresources, f"{path}.subresources")
    for index, column in enumerate(version.additional_printer_columns):
        found += _column_errors(column, f"{path}.additionalPrinterColumns[{index}]")
    for index, field in enumerate(version.selectable_fields):
        where = f"{path}.selectableFields[{index}].jsonPath"
        found += simple_path_errors(field.json_path, where) if field.json_path else [FieldError.required(where)]
    return found


def _warning_errors(version: CustomResourceDefinitionVersion, path: str) -> list[FieldError]:
    text = version.deprecation_warning
    if text is None:
        return []
    complaints = [] if version.deprecated else ["can only be set for deprecated versions"]
    complaints += ["must be <= 256 characters long"] if len(text) > _WARNING_LIMIT else []
    complaints += [] if text else ["must not be an empty string"]
    at = next((index for index, letter in enumerate(text) if not letter.isprintable()), None)
    if at is not None:
        complaints.append(f"must only contain printable UTF-8 characters; non-printable character found at index {at}")
    return [FieldError.invalid(path, text, why) for why in complaints]


def _subresource_errors(parts: CustomResourceSubresources, path: str) -> list[FieldError]:
    scale, found = parts.scale, []
    if scale is None:
        return found
    for field, value, root in (
        ("specReplicasPath", scale.spec_replicas_path, ".spec."),
        ("statusReplicasPath", scale.status_replicas_path, ".status."),
    ):
        where = f"{path}.scale.{field}"
        found += needed(where, value) or simple_path_errors(value, where) or _rooted(value, where, (root,))
    if scale.label_selector_path:
        where = f"{path}.scale.labelSelectorPath"
        found += simple_path_errors(scale.label_selector_path, where)
        found += _rooted(scale.label_selector_path, where, (".spec.", ".status."))
    return found


def _rooted(value: str, path: str, roots: tuple[str, ...]) -> list[FieldError]:
    if value.startswith(roots):
        return []
    words = " or ".join(root.rstrip(".") for root in roots)
    return [FieldError.invalid(path, value, f"should be a json path under {words}")]


def _column_errors(column: CustomResourceColumnDefinition, path: str) -> list[FieldError]:
    found = needed(f"{path}.name", column.name)
    why = f"must be one of {','.join(_COLUMN_TYPES)}"
    if not column.type:
        found.append(FieldError.required(f"{path}.type", why))
    elif column.type not in _COLUMN_TYPES:
        found.append(FieldError.invalid(f"{path}.type", column.type, why))
    if column.format and column.format not in _COLUMN_FORMATS:
        why = f"must be one of {','.join(_COLUMN_FORMATS)}"
        found.append(FieldError.invalid(f"{path}.format", column.format, why))
    where = f"{path}.jsonPath"
    return found + (simple_path_errors(column.json_path, where) if column.json_path else [FieldError.required(where)])


def _conversion_errors(conversion: CustomResourceConversion | None, path: str) -> list[FieldError]:
    if conversion is None:
        return []
    webhook = conversion.webhook
    found = one_of(f"{path}.strategy", conversion.strategy, ("None", "Webhook"), required=True)
    if conversion.strategy != "Webhook":
        if webhook is not None:
            why = "should not be set when strategy is not set to Webhook"
            found.append(FieldError.forbidden(f"{path}.webhook", why))
        return found
    config: Any = webhook.client_config if webhook is not None else None
    where = f"{path}.webhook.clientConfig"
    if config is None:
        found.append(FieldError.required(where, "required when strategy is set to Webhook"))
    else:
        found += client_errors(config, where)
    versions = webhook.conversion_review_versions if webhook is not None else ()
    return found + review_version_errors(versions, f"{path}.webhook.conversionReviewVersions", said=False)


def stored_version_errors(obj: CustomResourceDefinition) -> list[FieldError]:
    """Versions in which objects may still be stored cannot leave the spec."""
    path, stored = "status.storedVersions", list(obj.status.stored_versions)
    if not stored:
        return [FieldError.invalid(path, stored, "must have at least one stored version")]
    found = [
        FieldError.invalid(path, stored, f"must have the storage version {version.name}")
        for version in obj.spec.versions
        if version.storage and version.name not in stored
    ]
    known = {version.name for version in obj.spec.versions}
    return found + [
        FieldError.invalid(f"{path}[{index}]", name, "must appear in spec.versions")
        for index, name in enumerate(stored)
        if name not in known
    ]
