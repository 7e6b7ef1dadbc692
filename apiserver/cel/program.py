"""One expression, compiled once and evaluated often. Its variables are plain JSON values.

Bounded: an expression is at most 10 KiB, the library ends an evaluation after 10 000 turns of its loops, and what would
cost too much in spite of that is refused (cost.py). Real Kubernetes: k8s.io/apiserver/pkg/admission/plugin/cel.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from apiserver.cel import cost

LONGEST = 10 * 1024


class CompileError(Exception):
    """Why a text is no expression over these variables."""


class EvaluationError(Exception):
    """Why an expression has no value for these values."""


class Program:
    """A compiled expression. `type` is that of its value, as CEL calls it: `bool`, `string`, `dyn`."""

    def __init__(self, expression: str, compiled: Any) -> None:
        self.expression = expression
        self.type = compiled.return_type().name().lower()
        self._compiled = compiled
        self._depth = cost.depth(compiled.serialize())

    def evaluate(self, values: Mapping[str, Any]) -> Any:
        """The value as plain Python. Raises EvaluationError."""
        if self._depth and cost.too_much(self._depth, values):
            raise EvaluationError(cost.EXCEEDED)
        try:
            value = self._compiled.eval(data=values)
            if value.type().name().lower() in _ERRORS:
                raise EvaluationError(_explained(str(value.value())))
            return value.plain_value()
        except (RuntimeError, TypeError, ValueError) as error:
            raise EvaluationError(_explained(str(error))) from None


_ERRORS = ("error", "*error*")
_NO_KEY = re.compile(r'.*Key not found in map : "?([^"\]]*)"?.*', re.DOTALL)
_CODE = re.compile(r"^[A-Z_]+: ")
_NATIVE = re.compile(r" \[[A-Z_]+\]$")


def _explained(text: str) -> str:
    """The library's words in those that Kubernetes' users know."""
    if "Iteration budget exceeded" in text:
        return cost.EXCEEDED
    if found := _NO_KEY.match(text):
        return f"no such key: {found[1]}"
    return _NATIVE.sub("", _CODE.sub("", text)).replace("divide by zero", "division by zero")


@lru_cache(maxsize=1024)
def compile(expression: str, names: tuple[str, ...]) -> Program:
    """The program of an expression over variables of these names. Raises CompileError."""
    if len(expression) > LONGEST:
        raise CompileError(f"expression exceeds {LONGEST} bytes")
    try:
        return Program(expression, _environment(names).compile(expression))
    except RuntimeError as error:
        raise CompileError(_explained(str(error))) from None


@lru_cache(maxsize=32)
def _environment(names: tuple[str, ...]) -> Any:
    """Imported here, since it takes 36 MB."""
    from cel_expr_python import cel
    from cel_expr_python.ext import ext_math, ext_optional, ext_strings

    from apiserver.cel.library import functions

    extensions = [ext_strings.ExtStrings(), ext_optional.ExtOptional(), ext_math.ExtMath()]
    kubernetes = cel.CelExtension("kubernetes", functions(cel))
    return cel.NewEnv(variables=dict.fromkeys(names, cel.Type.DYN), extensions=[*extensions, kubernetes])
