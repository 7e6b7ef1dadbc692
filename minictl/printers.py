"""Objects on the screen: columns as kubectl aligns them, YAML, JSON, names.

Pure, but for the final print. In real Kubernetes: cli-runtime/pkg/printers; the cells themselves are the server's.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

Cells = Sequence[str]
PADDING, NARROWEST = 3, 6


def columns(rows: Sequence[Cells]) -> str:
    """Rows as aligned columns: three blanks between, the last column as long as it likes."""
    if not rows:
        return ""
    widths = [
        max(NARROWEST, *(len(row[index]) + PADDING for row in rows if index < len(row) - 1), 0)
        for index in range(max(len(row) for row in rows) - 1)
    ]
    return "\n".join(_line(row, widths) for row in rows)


def _line(row: Cells, widths: Sequence[int]) -> str:
    *first, last = row
    return "".join(cell.ljust(width) for cell, width in zip(first, widths, strict=False)) + last


def table(answer: dict[str, Any], *, wide: bool = False, namespaces: bool = False, labels: bool = False,
          label_columns: Sequence[str] = (), prefix: str = "", headers: bool = True) -> list[Cells]:  # fmt: skip
    """The rows of a server's Table; prefix ("pod/") goes before each name, as in `get all`."""
    shown = [i for i, column in enumerate(answer["columnDefinitions"]) if wide or not column.get("priority")]
    rows: list[Cells] = []
    if headers:
        names = [answer["columnDefinitions"][i]["name"].upper() for i in shown]
        own = [key.rpartition("/")[2].upper() for key in label_columns]
        rows.append([*(["NAMESPACE"] if namespaces else []), *names, *own, *(["LABELS"] if labels else [])])
    for row in answer.get("rows") or ():
        rows.append(_row(row, shown, namespaces=namespaces, tail=_labels(row, label_columns, labels), prefix=prefix))
    return rows


def _row(row: dict[str, Any], shown: Sequence[int], *, namespaces: bool, tail: Sequence[str], prefix: str) -> Cells:
    meta = row["object"]["metadata"]
    cells = [_cell(row["cells"][i]) for i in shown]
    cells[0] = prefix + cells[0]
    first = [meta.get("namespace", "")] if namespaces else []
    return [*first, *cells, *tail]


def _labels(row: dict[str, Any], keys: Sequence[str], every: bool) -> list[str]:
    """The values of single labels, and all of them."""
    mine = row["object"]["metadata"].get("labels") or {}
    return [*(mine.get(key, "") for key in keys), *([pairs(mine)] if every else [])]


def _cell(value: Any) -> str:
    """kubectl prints what is not there as <none>, and other JSON as it is."""
    return "<none>" if value is None else str(value).lower() if isinstance(value, bool) else str(value)


def pairs(mapping: dict[str, str] | None, separator: str = ",") -> str:
    """`a=1,b=2`, or `<none>`."""
    return separator.join(f"{key}={value}" for key, value in sorted((mapping or {}).items())) or "<none>"


def as_yaml(document: Any) -> str:
    """What `-o yaml` prints, without the final line break."""
    from machinery.api import yaml

    return yaml.dump(document).rstrip("\n")


def as_json(document: Any) -> str:
    """What `-o json` prints, without the final line break."""
    return json.dumps(document, indent=4, sort_keys=True, ensure_ascii=False)


def for_people(document: dict[str, Any]) -> dict[str, Any]:
    """An object without managedFields, which only machines read."""
    meta = {key: value for key, value in document.get("metadata", {}).items() if key != "managedFields"}
    return {**document, "metadata": meta}


def listing(documents: Iterable[dict[str, Any]]) -> dict[str, Any]:
    """Several objects as the List that kubectl prints."""
    return {"apiVersion": "v1", "items": list(documents), "kind": "List", "metadata": {"resourceVersion": ""}}
