"""Expressions of policies and match conditions, compiled before they are stored: what is no CEL is refused at once.

Pure. Real Kubernetes: pkg/apis/admissionregistration/validation, and the policies' type checking, of which only the
type of the whole value is left here: fields of objects are not known to the compiler.
"""

from __future__ import annotations

from apiserver.admission.expressions import NAMES
from apiserver.cel import CompileError, compile
from machinery.api.errors import FieldError


def expression_errors(path: str, expression: str, *types: str, names: tuple[str, ...] = NAMES) -> list[FieldError]:
    """`types`: those that the value may have, by CEL's names; none, and it may have any."""
    if not expression.strip():
        return []
    try:
        found = compile(expression, names).type
    except CompileError as error:
        return [FieldError.invalid(path, expression, f"compilation failed: {error}")]
    if types and found not in (*types, "dyn"):
        return [FieldError.invalid(path, expression, f"must evaluate to {' or '.join(types)}")]
    return []
