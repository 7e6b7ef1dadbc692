"""CEL, the expression language of policies and schemas: `compile(expression, names)`, then `program.evaluate(values)`.

The language itself is the library `cel-expr-python` (Google's own implementation), loaded when first needed: whoever
has no expressions pays nothing. Real Kubernetes: k8s.io/apiserver/pkg/cel. Left out: semver and the
authorizer.
"""

from apiserver.cel.program import CompileError, EvaluationError, Program, compile

__all__ = ["CompileError", "EvaluationError", "Program", "compile"]
