"""`$(NAME)` in commands, arguments and values: replaced where NAME is known, left as it is where not. Pure.

`$$(NAME)` is the way to write `$(NAME)` itself. Real Kubernetes: third_party/forked/golang/expansion.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

_REFERENCE = re.compile(r"\$(\$|\(([^)]*)\))")


def expand(text: str, variables: Mapping[str, str]) -> str:
    def replacement(match: re.Match[str]) -> str:
        if match[1] == "$":
            return "$"
        return variables.get(match[2], match[0])

    return _REFERENCE.sub(replacement, text)


def references(text: str) -> list[str]:
    """The names that a text refers to."""
    return [match[2] for match in _REFERENCE.finditer(text) if match[2] is not None]


def expand_all(texts: Sequence[str], variables: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(expand(text, variables) for text in texts)
