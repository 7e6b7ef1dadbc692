"""Patterns of schemas by RE2, Go's own kind of regular expressions: linear in time, so none can hang a request.

The library is loaded when the first pattern is met. Real Kubernetes: Go's regexp package.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Any


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> Any:
    """What has a `search`; raises ValueError, saying why, for what is no pattern of Go's."""
    import re2

    options = re2.Options()
    options.log_errors = False
    try:
        return re2.compile(pattern, options)
    except re2.error as error:
        why = error.args[0] if error.args else ""
        raise ValueError(why.decode() if isinstance(why, bytes) else str(why)) from None
