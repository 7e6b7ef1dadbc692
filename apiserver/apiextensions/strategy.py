"""The strategy of a custom resource: everything that a built-in kind decides in code is read from its definition.

Real Kubernetes: apiextensions-apiserver's pkg/registry/customresource/{strategy,status_strategy,validator}.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from apiserver.apiextensions import columns, embedded, json_path, list_types, rules, validation
from apiserver.apiextensions.custom_object import CustomObject
from apiserver.apiextensions.resource import PATCHES, CustomResource
from apiserver.registry.strategy import ALL_METADATA, Doc, Strategy
from machinery.api import names
from machinery.api.errors import FieldError, MethodNotAllowed

_UNSOUND = frozenset((
    "FieldValueNotSupported", "FieldValueRequired", "FieldValueTooLong", "FieldValueTooMany", "FieldValueTypeInvalid",
))  # fmt: skip
"""Errors after which rules would stumble over the object."""


class CustomResourceStrategy(Strategy):
    """Wants the row of one version, the version's definition, and whether the whole kind is on its way out."""

    has_generation = True
    status_keeps = ALL_METADATA
    patches = PATCHES
    speaks_protobuf = False

    def __init__(
        self, resource: CustomResource, version: Doc, *, terminating: bool = False, alike: bool = False
    ) -> None:
        self.alike = alike
        self.resource = resource
        self.api_version, self.kind = resource.api_version, resource.kind
        self.has_status = resource.subresource("status") is not None
        self.terminating = terminating
        self._schema = (version.get("schema") or {}).get("openAPIV3Schema") or {}
        self.has_rules = rules.any_rules(resource.model.schema)
        self._validator: validation.Validator | None = None
        self._columns = columns.given(version)
        self.columns = columns.columns(self._columns)
        self._fields = tuple(each["jsonPath"] for each in version.get("selectableFields", ()))
        self.selectable_fields = tuple(path.removeprefix(".") for path in self._fields)
        scale = (version.get("subresources") or {}).get("scale")
        self.scale_paths = (scale["specReplicasPath"], scale["statusReplicasPath"],
                            scale.get("labelSelectorPath", "")) if scale else None  # fmt: skip
        self.deprecation = _deprecation(resource, version)

    @property
    def stored_under(self) -> str:
        """Apart from built-in kinds, which have no group in their keys."""
        return self.resource.qualified

    @property
    def validator(self) -> validation.Validator:
        """Made when the first object is written: most servers only read most kinds."""
        if self._validator is None:
            self._validator = validation.compiled(_without_metadata(self._schema))
        return self._validator

    # --- on the way in

    def prepare_for_create(self, obj: Doc) -> None:
        if self.terminating:
            error = MethodNotAllowed(self.resource.plural, "create", group=self.resource.group)
            error.message = "create not allowed while custom resource definition is terminating"
            raise error
        if self.has_status:
            obj.pop("status", None)
        obj["metadata"]["generation"] = 1

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        if self.has_status:
            obj.pop("status", None)
            if "status" in old:
                obj["status"] = old["status"]
        self.count_generation(obj, old)

    def prepare_for_status_update(self, obj: Doc, old: Doc) -> None:
        given = "status" in obj
        super().prepare_for_status_update(obj, old)
        if not given:
            del obj["status"]

    def count_generation(self, obj: Doc, old: Doc) -> None:
        """Without a status of its own URL, the status counts too."""
        apart = ("metadata", "status") if self.has_status else ("metadata",)
        changed = _without(obj, apart) != _without(old, apart)
        going = "deletionTimestamp" in obj["metadata"] and "deletionTimestamp" not in old["metadata"]
        obj["metadata"]["generation"] = old["metadata"].get("generation", 0) + (1 if changed or going else 0)

    # --- validation

    def name_errors(self, name: str) -> list[str]:
        return names.dns_subdomain(name)

    def validate(self, obj: CustomObject) -> list[FieldError]:
        found = [*self.validator.errors(_with_names(obj)), *self._scale_errors(obj.document)]
        found += [*_embedded_errors(obj), *list_types.errors(obj.document, obj.schema)]
        return self._with_rules(found, obj, None)

    def validate_update(self, obj: CustomObject, old: CustomObject) -> list[FieldError]:
        """What was wrong before and is as it was may stay: a schema that grew stricter locks nobody out."""
        found = [*self.validator.errors(_with_names(obj), "", _with_names(old)), *self._scale_errors(obj.document)]
        found += _embedded_errors(obj)
        doubles = [*list_types.errors(obj.document, obj.schema)]
        if doubles and not any(list_types.errors(old.document, old.schema)):
            found += doubles
        return self._with_rules(found, obj, old)

    def _with_rules(self, found: list[FieldError], obj: CustomObject, old: CustomObject | None) -> list[FieldError]:
        """And what rules complain of, if the object is sound enough to be asked about."""
        if not self.has_rules:
            return found
        if any(error.type in _UNSOUND for error in found):
            return [*found, rules.not_checked()]
        return found + rules.errors(_whole(obj), old and _whole(old), obj.schema)

    def validate_status_update(self, obj: CustomObject, old: CustomObject) -> list[FieldError]:
        return self.validate_update(obj, old)

    def _scale_errors(self, document: Doc) -> list[FieldError]:
        found = []
        for path in self.scale_paths[:2] if self.scale_paths else ():
            value = json_path.first(path, document)
            if isinstance(value, int) and not isinstance(value, bool) and value < 0:
                found.append(FieldError.invalid(path, value, "should be a non-negative integer"))
        return found

    # --- reading

    def selectable(self, obj: Doc) -> dict[str, str]:
        return {path.removeprefix("."): _selected(json_path.first(path, obj)) for path in self._fields}

    def row(self, obj: CustomObject, now: datetime) -> list[Any]:
        return [obj.metadata.name, *columns.cells(_whole(obj), self._columns, now)]


def _embedded_errors(obj: CustomObject) -> list[FieldError]:
    return list(embedded.errors(obj.document, obj.schema)) if obj.embeds else []


def _with_names(obj: CustomObject) -> Doc:
    """The object with all of its metadata that a schema may restrict."""
    return {**obj.document, "metadata": {"name": obj.metadata.name, "generateName": obj.metadata.generate_name}}


def _whole(obj: CustomObject) -> Doc:
    return {**obj.document, "metadata": obj.metadata.to_dict()}


def _without(document: Doc, names_: Sequence[str]) -> Doc:
    return {name: value for name, value in document.items() if name not in names_}


def _without_metadata(schema: Doc) -> Doc:
    """The schema with nothing about metadata but the names, which alone a schema may restrict."""
    parts = dict(schema.get("properties", {}))
    meta = parts.pop("metadata", None)
    if meta is not None:
        inside = {name: each for name, each in meta.get("properties", {}).items() if name in ("name", "generateName")}
        parts["metadata"] = {"type": "object", "properties": inside}
    return {**schema, "properties": parts}


def _selected(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return "" if value is None else str(value)


def _deprecation(resource: CustomResource, version: Doc) -> str:
    if not version.get("deprecated"):
        return ""
    return version.get("deprecationWarning") or f"{resource.api_version} {resource.kind} is deprecated"
