"""The AdmissionReview: what a webhook is told, what its answer must look like, and what a refusal becomes. Pure.

Real Kubernetes: admission/plugin/webhook/{request,errors}. Left out: v1beta1, which nothing has needed since v1.16.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from typing import Any

import orjson

from apiserver.admission.attributes import Attributes
from apiserver.admission.matching import View, namespace_of
from machinery.api.errors import ApiError, from_status
from machinery.api.field_errors import quote
from machinery.api.scheme import Resource

Doc = dict[str, Any]
VERSION = "v1"
API_VERSION = f"admission.k8s.io/{VERSION}"
_WANTED = "admission.k8s.io/v1, Kind=AdmissionReview"


class WrongAnswer(Exception):
    """Why what the webhook said is no answer to what it was asked."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """A webhook's answer that can be believed."""

    allowed: bool
    status: Doc
    patch: bytes
    annotations: dict[str, str]
    warnings: tuple[str, ...]


def request(attributes: Attributes, view: View, obj: Doc | None, old: Doc | None) -> Doc:
    """The `request` of the review but its uid: `obj` and `old` as the view shows them."""
    asked, shown = attributes.resource, view.resource
    told: Doc = {
        "kind": _kind(view.kind),
        "resource": _resource(shown),
        "requestKind": _kind(attributes.shown_kind),
        "requestResource": _resource(asked),
        "name": attributes.name,
        "namespace": namespace_of(attributes),
        "operation": attributes.operation,
        "userInfo": attributes.user.info(),
        "object": obj,
        "oldObject": old,
        "dryRun": attributes.dry_run,
        "options": options_of(attributes),
    }
    if attributes.subresource:
        told |= {"subResource": attributes.subresource, "requestSubResource": attributes.subresource}
    return {key: value for key, value in told.items() if value != "" or key in ("name", "namespace")}


def options_of(attributes: Attributes) -> Doc | None:
    """The CreateOptions, UpdateOptions or DeleteOptions of the request; who connects has none."""
    if attributes.operation == "CONNECT":
        return None
    kind = f"{attributes.operation.capitalize()}Options"
    given = {key: attributes.query[key] for key in ("fieldManager", "fieldValidation") if attributes.query.get(key)}
    tried = {"dryRun": ["All"]} if attributes.dry_run else {}
    return {"kind": kind, "apiVersion": "meta.k8s.io/v1", **given, **attributes.options, **tried}


def _kind(given: tuple[str, str]) -> Doc:
    group, _, version = given[0].rpartition("/")
    return {"group": group, "version": version, "kind": given[1]}


def _resource(resource: Resource) -> Doc:
    return {"group": resource.group, "version": resource.version, "resource": resource.plural}


def verified(body: bytes, uid: str, *, mutating: bool) -> Verdict:
    """The answer, if it is one to this question. Raises WrongAnswer."""
    answer = _document(body)
    response = answer.get("response")
    if not isinstance(response, dict):
        raise WrongAnswer("webhook response was absent")
    if response.get("uid") != uid:
        raise WrongAnswer(f"expected response.uid={quote(uid)}, got {quote(str(response.get('uid') or ''))}")
    version, kind = answer.get("apiVersion") or "", answer.get("kind") or ""
    if (version, kind) != (API_VERSION, "AdmissionReview"):
        raise WrongAnswer(f"expected webhook response of {_WANTED}, got {version}, Kind={kind}")
    patch = _patch(response, mutating=mutating)
    status, annotations = response.get("status") or {}, response.get("auditAnnotations") or {}
    warnings = response.get("warnings") or []
    shapes = (("allowed", response.get("allowed"), bool), ("status", status, dict), ("warnings", warnings, list))
    for field, value, wanted in (*shapes, ("auditAnnotations", annotations, dict)):
        if not isinstance(value, wanted):
            raise WrongAnswer(f"response.{field} is not of its type")
    texts = {str(key): str(value) for key, value in annotations.items()}
    return Verdict(response["allowed"], status, patch, texts, tuple(map(str, warnings)))


def _document(body: bytes) -> Doc:
    try:
        answer = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise WrongAnswer(f"couldn't get version/kind; json parse error: {error}") from None
    if not isinstance(answer, dict):
        raise WrongAnswer("couldn't get version/kind; the answer is no JSON object")
    return answer


def _patch(response: Doc, *, mutating: bool) -> bytes:
    text, kind = response.get("patch"), response.get("patchType")
    if not mutating and (text or kind is not None):
        raise WrongAnswer(f"validating webhook may not return response.{'patch' if text else 'patchType'}")
    if text and kind is None:
        raise WrongAnswer("webhook returned response.patch but not response.patchType")
    if not text and kind is not None:
        raise WrongAnswer("webhook returned response.patchType but not response.patch")
    if kind not in (None, "JSONPatch"):
        raise WrongAnswer(f"webhook returned invalid response.patchType of {quote(str(kind))}")
    try:
        return base64.b64decode(text or "", validate=True)
    except (binascii.Error, TypeError, ValueError):
        raise WrongAnswer("response.patch is not base64") from None


def denial(name: str, status: Doc) -> ApiError:
    """What the client is told: the webhook's own status, and whose word it is."""
    message, reason, code = status.get("message"), status.get("reason"), status.get("code")
    said = f"admission webhook {quote(name)} denied the request"
    text = f"{said}: {message or reason}" if message or reason else f"{said} without explanation"
    plain = isinstance(code, int) and 400 <= code < 600
    details = status.get("details") if isinstance(status.get("details"), dict) else None
    wire = {"message": text, "reason": str(reason or ""), "code": code if plain else 400, "details": details}
    error = from_status(wire)
    if not reason:
        error.reason = ""
    return error
