"""The three patches that say what to change: laid over an object, and the outcome decoded as a body would be.

Pure. What the outcome's class does not accept is an Invalid that shows the outcome (of a strategic merge patch: the
patch) as a whole. Real Kubernetes: jsonPatcher and smpPatcher in handlers/patch.go.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import orjson

from apiserver import decoding, strictness
from machinery.api import scheme
from machinery.api.errors import FieldError, Invalid
from machinery.api.field_errors import quote
from machinery.api.model import Model
from machinery.api.patch import json_patch, merge_patch, strategic_merge_patch
from machinery.api.patch.go_text import printed

Doc = dict[str, Any]
JSON = "application/json-patch+json"
MERGE = "application/merge-patch+json"
STRATEGIC = "application/strategic-merge-patch+json"
_OPERATION = ("op", "path", "from", "value")


def laid_over(form: str, old: Doc, patch: Any, model: type[Model]) -> Any:
    """The object after the patch; a JSON patch may make anything of it."""
    if form == JSON:
        return json_patch(old, patch)
    return merge_patch(old, patch) if form == MERGE else strategic_merge_patch(old, patch, model)


def strict_errors(form: str, patch: Any, body: bytes) -> list[str]:
    """What is unknown or given twice in the patch itself."""
    twice = strictness.duplicates(patch, body)
    if form != JSON:
        return twice
    odd = [
        f"unknown field {quote(f'[{index}].{key}')}"
        for index, operation in enumerate(patch if isinstance(patch, list) else ())
        for key in (operation if isinstance(operation, dict) else ())
        if key not in _OPERATION
    ]
    return [f"json patch {error}" for error in (*odd, *twice)]


@dataclass(frozen=True, slots=True)
class Decoding:
    """How the outcome of one patch is decoded: `complaints` are about the patch itself."""

    model: type[Model]
    form: str
    mode: str
    complaints: list[str]
    patch: Any

    def __call__(self, outcome: Any) -> tuple[Doc, list[str]]:
        """The object in canonical form, and warnings."""
        if not isinstance(outcome, dict):
            raise self._invalid(outcome, decoding.no_object(outcome))
        api_version, kind = (self.model.model_fields[name].default for name in ("api_version", "kind"))
        given = (outcome.get("apiVersion") or api_version, outcome.get("kind") or kind)
        if self.form != STRATEGIC and given != (api_version, kind):
            raise self._invalid(outcome, _another(given, (api_version, kind)))
        try:
            document = decoding.decoded(outcome, self.model, api_version=api_version)
        except decoding.Undecodable as error:
            raise self._invalid(outcome, str(error)) from None
        if self.mode == "Ignore":
            return document, []
        unknown = () if strictness.nothing_lost(outcome, document) else strictness.strict_errors(outcome, self.model)
        found = [*self.complaints, *unknown]
        if found and self.mode == "Strict":
            raise self._invalid(outcome, f"strict decoding error: {', '.join(found)}")
        return document, found

    def _invalid(self, outcome: Any, why: str) -> Invalid:
        shown = printed(self.patch) if self.form == STRATEGIC else orjson.dumps(outcome).decode()
        return Invalid("", "", [FieldError.invalid("patch", shown, why)])


def _another(given: tuple[Any, Any], wanted: tuple[str, str]) -> str:
    version, kind = map(str, given)
    try:
        scheme.for_kind(version, kind)
    except scheme.NotRegistered:
        return f"no kind {quote(kind)} is registered for version {quote(version)}"
    group = version if "/" in version else f"/{version}"
    return f"unable to decode {group}, Kind={kind} into {wanted[1]}"
