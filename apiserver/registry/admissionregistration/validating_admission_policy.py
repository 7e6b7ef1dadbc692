"""ValidatingAdmissionPolicy: what objects must be, in CEL. apiserver/admission/policy evaluates it.

Real Kubernetes: pkg/registry/admissionregistration/validatingadmissionpolicy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from apiserver.admission.expressions import IN_MESSAGES
from apiserver.durations import age
from apiserver.registry.admissionregistration import matching, type_checking
from apiserver.registry.admissionregistration.compiled import expression_errors
from apiserver.registry.checks import checked, unique
from apiserver.registry.field_checks import condition_errors, one_of
from apiserver.registry.strategy import ALL_METADATA, Doc, Strategy, columns
from machinery.api import names
from machinery.api.errors import FieldError

if TYPE_CHECKING:
    from machinery.api.admissionregistration.v1 import (
        AuditAnnotation,
        ParamKind,
        ValidatingAdmissionPolicy,
        ValidatingAdmissionPolicySpec,
        Validation,
        Variable,
    )

_REASONS = ("Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized")
_MOST_ANNOTATIONS, _ANNOTATION_LIMIT = 20, 5 * 1024
_IDENTIFIER = re.compile("[_a-zA-Z][_a-zA-Z0-9]*")
_RESERVED = frozenset(
    (
        "true", "false", "null", "in", "as", "break", "const", "continue", "else", "for", "function", "if", "import",
        "let", "loop", "package", "namespace", "return", "var", "void", "while",
    )
)  # fmt: skip


class ValidatingAdmissionPolicyStrategy(Strategy):
    """See the module."""

    api_version = "admissionregistration.k8s.io/v1"
    kind = "ValidatingAdmissionPolicy"
    has_status = True
    status_keeps = ALL_METADATA
    has_generation = True
    allow_unconditional_update = False
    columns = columns("Name, Validations, ParamKind, Age", validations="integer")

    def default(self, obj: Doc) -> None:
        spec = obj.setdefault("spec", {})
        spec.setdefault("failurePolicy", "Fail")
        matching.default_match(spec.get("matchConstraints"))

    def prepare_for_create(self, obj: Doc) -> None:
        super().prepare_for_create(obj)
        obj["status"] = type_checking.status(obj)

    def prepare_for_update(self, obj: Doc, old: Doc) -> None:
        super().prepare_for_update(obj, old)
        if obj["spec"] != old.get("spec"):
            obj["status"] = {**obj["status"], **type_checking.status(obj)}

    def validate(self, obj: ValidatingAdmissionPolicy) -> list[FieldError]:
        spec, match = obj.spec, obj.spec.match_constraints
        found = one_of("spec.failurePolicy", spec.failure_policy or "", matching.FAILURE_POLICIES)
        found += _param_kind_errors(spec.param_kind) if spec.param_kind is not None else []
        if match is None:
            found.append(FieldError.required("spec.matchConstraints"))
        else:
            found += matching.match_errors(match, "spec.matchConstraints")
            if not match.resource_rules:
                found.append(FieldError.required("spec.matchConstraints.resourceRules"))
        found += matching.condition_errors(spec.match_conditions, "spec.matchConditions")
        for index, variable in enumerate(spec.variables):
            found += _variable_errors(variable, f"spec.variables[{index}]")
        return found + _content_errors(obj.metadata.name, spec)

    def validate_status_update(self, obj: ValidatingAdmissionPolicy, old: Any) -> list[FieldError]:
        checking, found = obj.status.type_checking, []
        path = "status.typeChecking.expressionWarnings"
        for index, row in enumerate(checking.expression_warnings if checking is not None else ()):
            for field, value in (("warning", row.warning), ("fieldRef", row.field_ref.strip())):
                found += [] if value else [FieldError.required(f"{path}[{index}].{field}")]
        return found + condition_errors("status.conditions", obj.status.conditions)

    def row(self, obj: ValidatingAdmissionPolicy, now: datetime) -> list[Any]:
        kind = obj.spec.param_kind
        shown = f"{kind.api_version}/{kind.kind}" if kind is not None else "<unset>"
        return [obj.metadata.name, len(obj.spec.validations), shown, age(obj.metadata.creation_timestamp, now)]


def _param_kind_errors(kind: ParamKind) -> list[FieldError]:
    path, text, found = "spec.paramKind.apiVersion", kind.api_version, []
    group, _, version = text.rpartition("/")
    if not text:
        found.append(FieldError.required(path))
    elif text.count("/") > 1:
        found.append(FieldError.invalid(path, text, f"unexpected GroupVersion string: {text}"))
    else:
        bad = names.dns_subdomain(group) if group else []
        found += [FieldError.invalid(path, group, ",".join(bad))] if bad else []
        bad = names.dns1035_label(version) if version else ["version must be specified"]
        found += [FieldError.invalid(path, version or text, ",".join(bad))] if bad else []
    if not kind.kind:
        found.append(FieldError.required("spec.paramKind.kind"))
    elif bad := names.dns1035_label(kind.kind.lower()):
        why = f"may have mixed case, but should otherwise match: {','.join(bad)}"
        found.append(FieldError.invalid("spec.paramKind.kind", kind.kind, why))
    return found


def _variable_errors(variable: Variable, path: str) -> list[FieldError]:
    found = []
    if not variable.name.strip():
        found.append(FieldError.required(f"{path}.name", "name is not specified"))
    elif not _IDENTIFIER.fullmatch(variable.name) or variable.name in _RESERVED:
        found.append(FieldError.invalid(f"{path}.name", variable.name, "name is not a valid CEL identifier"))
    if not variable.expression.strip():
        found.append(FieldError.required(f"{path}.expression", "expression is not specified"))
    return found + expression_errors(f"{path}.expression", variable.expression)


def _content_errors(name: str, spec: ValidatingAdmissionPolicySpec) -> list[FieldError]:
    if not spec.validations and not spec.audit_annotations:
        why = "validations or auditAnnotations must contain at least one item"
        return [FieldError.required(f"spec.{field}", why) for field in ("validations", "auditAnnotations")]
    found = []
    for index, validation in enumerate(spec.validations):
        found += _validation_errors(validation, f"spec.validations[{index}]")
    return found + _annotation_errors(name, spec.audit_annotations)


def _validation_errors(row: Validation, path: str) -> list[FieldError]:
    found, message = [], row.message.strip()
    if not row.expression.strip():
        found.append(FieldError.required(f"{path}.expression", "expression is not specified"))
    found += expression_errors(f"{path}.expression", row.expression, "bool")
    found += expression_errors(f"{path}.messageExpression", row.message_expression, "string", names=IN_MESSAGES)
    if row.message_expression and not row.message_expression.strip():
        why = "must be non-empty if specified"
        found.append(FieldError.invalid(f"{path}.messageExpression", row.message_expression, why))
    if row.message and not message:
        found.append(FieldError.invalid(f"{path}.message", row.message, "message must be non-empty if specified"))
    elif re.search("[\n\r]", message):
        found.append(FieldError.invalid(f"{path}.message", row.message, "message must not contain line breaks"))
    return found + (one_of(f"{path}.reason", row.reason, _REASONS) if row.reason is not None else [])


def _annotation_errors(name: str, rows: Sequence[AuditAnnotation]) -> list[FieldError]:
    path, found = "spec.auditAnnotations", []
    if len(rows) > _MOST_ANNOTATIONS:
        why = f"must not have more than {_MOST_ANNOTATIONS} auditAnnotations"
        found.append(FieldError.invalid(path, [row.to_dict() for row in rows], why))
    for index, row in enumerate(rows):
        where, expression = f"{path}[{index}].valueExpression", row.value_expression.strip()
        found += checked(f"{path}[{index}].key", f"{name}/{row.key}", names.qualified_name)
        if not expression:
            found.append(FieldError.required(where, "valueExpression is not specified"))
        elif len(expression) > _ANNOTATION_LIMIT:
            found.append(FieldError.required(where, f"must not exceed {_ANNOTATION_LIMIT} bytes in length"))
        else:
            found += expression_errors(where, row.value_expression, "string", "null")
    return found + unique((f"{path}[{index}].key", row.key) for index, row in enumerate(rows))
