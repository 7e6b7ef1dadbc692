"""What CEL expressions of admission can name, and match conditions, which webhooks and policies share. Pure.

Real Kubernetes: admission/plugin/cel/filter.go and webhook/matchconditions. Left out: `authorizer`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.matching import View
from apiserver.admission.webhook import review
from apiserver.cel import CompileError, EvaluationError, compile

Doc = dict[str, Any]
NAMES = ("object", "oldObject", "request", "namespaceObject", "params", "variables")
IN_CONDITIONS = ("object", "oldObject", "request", "params")
_VARIABLE = re.compile(r"\bvariables\.([A-Za-z_][A-Za-z0-9_]*)")


def values_of(attributes: Attributes, view: View, obj: Doc | None, old: Doc | None) -> Doc:
    """`object`, `oldObject` and `request`; the rest is null until somebody knows better."""
    request = review.request(attributes, view, None, None)
    seen = {"object": view.show(obj), "oldObject": view.show(old), "request": request}
    return {**dict.fromkeys(NAMES), **seen, "variables": {}}


def met(conditions: Iterable[Doc], values: Mapping[str, Any]) -> bool:
    """Whether all match conditions are true; one that is false outweighs those that fail. EvaluationError."""
    errors = []
    for row in conditions:
        try:
            if _value(row["expression"], IN_CONDITIONS, values) is not True:
                return False
        except EvaluationError as error:
            errors.append(str(error))
    if errors:
        raise EvaluationError(", ".join(errors))
    return True


class Expressions:
    """The expressions of one policy over one request. Variables are reckoned when first named."""

    def __init__(self, variables: Iterable[Doc], values: Doc) -> None:
        self._variables = {row["name"]: row["expression"] for row in variables}
        self._values = {**values, "variables": {}}

    def value(self, expression: str) -> Any:
        """Raises EvaluationError."""
        for name in _VARIABLE.findall(expression):
            self._reckon(name)
        return _value(expression, NAMES, self._values)

    def _reckon(self, name: str) -> None:
        known = self._values["variables"]
        if name in known or name not in self._variables:
            return
        text = self._variables[name]
        if name in _VARIABLE.findall(text):
            raise EvaluationError(f'composited variable "{name}" names itself')
        try:
            known[name] = self.value(text)
        except (EvaluationError, RecursionError) as error:
            raise EvaluationError(f'composited variable "{name}" fails to evaluate: {error}') from None


def _value(expression: str, names: tuple[str, ...], values: Mapping[str, Any]) -> Any:
    try:
        return compile(expression, names).evaluate({name: values[name] for name in names})
    except CompileError as error:
        raise EvaluationError(f"compilation failed: {error}") from None
    except EvaluationError as error:
        raise EvaluationError(f"expression '{expression}' resulted in error: {error}") from None
