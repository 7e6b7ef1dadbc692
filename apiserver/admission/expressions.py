"""What CEL expressions of admission can name, and match conditions, which webhooks and policies share. Pure.

All expressions of a policy over one request together may take BUDGET_SECONDS of the processor.
Real Kubernetes: admission/plugin/cel/filter.go and webhook/matchconditions.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Mapping
from typing import Any

from apiserver.admission.attributes import Attributes
from apiserver.admission.matching import View
from apiserver.admission.webhook import review
from apiserver.cel import CompileError, EvaluationError, authorizer, compile

Doc = dict[str, Any]
IN_CONDITIONS = ("object", "oldObject", "request", "namespaceObject", "params", "authorizer")
IN_MESSAGES = ("object", "oldObject", "request", "namespaceObject", "params", "variables")
NAMES = (*IN_MESSAGES, "authorizer")
BUDGET_SECONDS = 0.1
OUT_OF_BUDGET = "validation failed due to running out of cost budget, no further validation rules will be run"
_VARIABLE = re.compile(r"\bvariables\.([A-Za-z_][A-Za-z0-9_]*)")


def values_of(attributes: Attributes, view: View, obj: Doc | None, old: Doc | None) -> Doc:
    """`object`, `oldObject`, `request` and `authorizer`; the rest is null until somebody knows better."""
    request, resource = review.request(attributes, view, None, None), attributes.resource
    place = {"group": resource.group, "resource": resource.plural, "subresource": attributes.subresource,
             "namespace": attributes.namespace, "name": attributes.name}  # fmt: skip
    seen = {"object": view.show(obj), "oldObject": view.show(old), "request": request}
    seen["authorizer"] = authorizer.value(attributes.user, place)
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
        self._left = BUDGET_SECONDS

    def value(self, expression: str, names: tuple[str, ...] = NAMES) -> Any:
        """Raises EvaluationError."""
        for name in _VARIABLE.findall(expression):
            self._reckon(name)
        if self._left <= 0:
            raise EvaluationError(OUT_OF_BUDGET)
        begun = time.thread_time()
        try:
            return _value(expression, names, self._values)
        finally:
            self._left -= time.thread_time() - begun

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
