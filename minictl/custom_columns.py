"""`-o custom-columns=NAME:.metadata.name,IMAGE:.spec.containers[*].image`: columns of one's own.

Pure. In real Kubernetes: kubectl/pkg/cmd/get/customcolumn.go.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from minictl.failure import Failure
from minictl.jsonpath import BadPath, find, shown


def rows(spec: str, documents: Sequence[dict[str, Any]], *, headers: bool = True) -> list[list[str]]:
    """One row per object."""
    if not spec:
        raise Failure("custom-columns format specified but no custom columns given")
    columns = [column.partition(":")[::2] for column in spec.split(",")]
    if any(not path for _, path in columns):
        raise Failure(f"unexpected custom-columns spec: {spec}, expected <header>:<json-path-expr>")
    titles = [[title for title, _ in columns]] if headers else []
    return [*titles, *([_cell(path, document) for _, path in columns] for document in documents)]


def _cell(path: str, document: dict[str, Any]) -> str:
    plain = path.removeprefix("{").removesuffix("}")
    try:
        return ",".join(map(shown, find(plain, document))) or "<none>"
    except BadPath as error:
        raise Failure(f"error parsing jsonpath {path}, {error}") from error
