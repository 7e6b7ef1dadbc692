"""One policy over one request: which of its validations do not hold, and what it notes for the audit log. Pure.

Real Kubernetes: admission/plugin/policy/validating/validator.go.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from apiserver.admission.expressions import IN_MESSAGES, Expressions, met
from apiserver.cel import EvaluationError

Doc = dict[str, Any]
_LONGEST_MESSAGE = 5 * 1024
_LONGEST_NOTE = 10 * 1024


@dataclass(frozen=True, slots=True)
class Failure:
    """A validation that does not hold, or that has no value."""

    message: str
    reason: str = "Invalid"
    index: int = 0


@dataclass(slots=True)
class Outcome:
    """`notes` are (key, text) for the audit log; `broken`, failures that deny whatever the binding's actions are."""

    failures: list[Failure] = field(default_factory=list)
    broken: list[Failure] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


def evaluate(spec: Doc, values: Doc) -> Outcome:
    """`values`: everything that expressions can name but the variables."""
    outcome, strict = Outcome(), spec.get("failurePolicy") != "Ignore"
    try:
        if not met(spec.get("matchConditions", ()), values):
            return outcome
    except EvaluationError as error:
        outcome.failures += [Failure(str(error))] if strict else []
        return outcome
    expressions = Expressions(spec.get("variables", ()), values)
    for index, row in enumerate(spec.get("validations", ())):
        try:
            if expressions.value(row["expression"]) is not True:
                message = _message(row, expressions)
                outcome.failures.append(Failure(message, row.get("reason") or "Invalid", index))
        except EvaluationError as error:
            outcome.failures += [Failure(str(error), index=index)] if strict else []
    for row in spec.get("auditAnnotations", ()):
        _note(row, expressions, outcome, strict=strict)
    return outcome


def _message(row: Doc, expressions: Expressions) -> str:
    """What the messageExpression makes, else the message, else the expression itself."""
    text: Any = ""
    if row.get("messageExpression"):
        try:
            text = expressions.value(row["messageExpression"], IN_MESSAGES)
        except EvaluationError:
            text = ""
    text = text.strip() if isinstance(text, str) else ""
    if len(text) > _LONGEST_MESSAGE or "\n" in text:
        text = ""
    return text or row.get("message", "").strip() or f"failed expression: {row['expression'].strip()}"


def _note(row: Doc, expressions: Expressions, outcome: Outcome, *, strict: bool) -> None:
    try:
        value = expressions.value(row["valueExpression"])
        if value is not None and not isinstance(value, str):
            why = "resulted in unsupported return type. Return type must be either string or null."
            raise EvaluationError(f"valueExpression '{row['valueExpression']}' {why}")
    except EvaluationError as error:
        outcome.broken += [Failure(str(error))] if strict else []
        return
    if value is not None and value.strip():
        outcome.notes.append((row["key"], value.strip()[:_LONGEST_NOTE]))
