"""CEL, the expression language of policies and schemas: `compile(expression, names)`, then `program.evaluate(values)`.

The language itself is the library `cel-expr-python` (Google's own implementation), loaded when first needed: whoever
has no expressions pays nothing. Real Kubernetes: k8s.io/apiserver/pkg/cel. What came after 1.32 is
left out: semver, images, loops over two variables.
"""

from apiserver.cel.program import CompileError, EvaluationError, Program, compile

__all__ = ["CompileError", "EvaluationError", "Program", "compile"]
