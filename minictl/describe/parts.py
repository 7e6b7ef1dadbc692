"""What several kinds share: name lines, labels, annotations, selectors, taints, tolerations, conditions, events.

Pure. In real Kubernetes: the print…Multiline functions of kubectl/pkg/describe.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from minictl.describe.ages import age, clock
from minictl.describe.facts import Document, Facts
from minictl.describe.page import NONE, Page

LONGEST = 140
HIDDEN = ("kubectl.kubernetes.io/last-applied-configuration",)


def head(page: Page, document: Document, *, namespace: bool = True) -> None:
    """Name and namespace."""
    page.row(0, "Name:", document["metadata"]["name"])
    if namespace:
        page.row(0, "Namespace:", document["metadata"].get("namespace", ""))


def about(page: Page, document: Document) -> None:
    """Labels and annotations."""
    labels(page, document["metadata"].get("labels"))
    annotations(page, document["metadata"].get("annotations"))


def labels(page: Page, values: Mapping[str, str] | None, title: str = "Labels", indent: str = "") -> None:
    """`key=value`, one per line."""
    page.rows(0, indent + title, [f"{key}={value}" for key, value in sorted((values or {}).items())])


def joined(values: Mapping[str, str] | None) -> str:
    """`a=1,b=2`."""
    return ",".join(f"{key}={value}" for key, value in sorted((values or {}).items())) or NONE


def annotations(page: Page, values: Mapping[str, str] | None, title: str = "Annotations") -> None:
    """`key: value`; long ones start on a line of their own and are cut."""
    page.rows(0, title, [line for key, value in sorted((values or {}).items()) if key not in HIDDEN
                         for line in _annotation(key, value.removesuffix("\n"))])  # fmt: skip


def _annotation(key: str, value: str) -> Iterable[str]:
    if len(key.encode()) + len(value.encode()) + 2 <= LONGEST and "\n" not in value:
        return [f"{key}: {value}"]
    return [f"{key}:", *(f"  {_shortened(line)}" for line in value.split("\n"))]


def _shortened(line: str) -> str:
    return line if len(line) <= LONGEST - 2 else line[: LONGEST - 2] + "..."


def selector(value: Mapping[str, Any] | None) -> str:
    """A label selector in words: `app=web,tier in (a,b)`."""
    value = value or {}
    pairs = [(key, f"{key}={word}") for key, word in (value.get("matchLabels") or {}).items()]
    pairs += [(one["key"], _expression(one)) for one in value.get("matchExpressions") or ()]
    return ",".join(text for _, text in sorted(pairs))


def _expression(one: Mapping[str, Any]) -> str:
    values = ",".join(sorted(one.get("values") or ()))
    return {
        "In": f"{one['key']} in ({values})",
        "NotIn": f"{one['key']} notin ({values})",
        "Exists": one["key"],
        "DoesNotExist": f"!{one['key']}",
    }[one["operator"]]


def controller(document: Document) -> str:
    """`ReplicaSet/web-5d8f`, "" for an object that nobody controls."""
    owners = document["metadata"].get("ownerReferences") or ()
    return next((f"{one['kind']}/{one['name']}" for one in owners if one.get("controller")), "")


def taints(page: Page, values: Sequence[Document]) -> None:
    """`key=value:effect`, sorted by effect and key."""
    rows = sorted(values, key=lambda one: f"{one['effect']},{one['key']}")
    page.rows(0, "Taints", [f"{one['key']}{'=' + one['value'] if one.get('value') else ''}:{one['effect']}"
                            for one in rows])  # fmt: skip


def tolerations(page: Page, values: Sequence[Document], indent: str = "") -> None:
    """Sorted by key."""
    rows = sorted(values, key=lambda one: one.get("key", ""))
    page.rows(0, f"{indent}Tolerations", [_toleration(one) for one in rows])


def _toleration(one: Document) -> str:
    key, value, effect = one.get("key", ""), one.get("value", ""), one.get("effect", "")
    text = key + (f"={value}" if value else "") + (f":{effect}" if effect else "")
    if one.get("operator") == "Exists" and not value:
        text += " op=Exists" if text else "op=Exists"
    return text + (f" for {one['tolerationSeconds']}s" if one.get("tolerationSeconds") is not None else "")


def reasons(page: Page, conditions: Sequence[Document]) -> None:
    """The conditions of a workload: type, status, reason."""
    if conditions:
        page.row(0, "Conditions:")
        page.head(1, "Type", "Status", "Reason")
        for one in conditions:
            page.row(1, f"{one['type']} ", one["status"], one.get("reason", ""))


def when(one: Document, name: str) -> str:
    """A time field of a condition."""
    return clock(one.get(name))


def events(page: Page, facts: Facts) -> None:
    """The table of events, oldest first; nothing at all if they were not asked for."""
    if facts.events is None:
        return
    if not facts.events:
        page.row(0, "Events:", NONE)
        return
    page.row(0, "Events:")
    page.head(1, "Type", "Reason", "Age", "From", "Message", rule=("----", "------", "----", "----", "-------"))
    for one in sorted(facts.events, key=lambda event: event.get("lastTimestamp") or ""):
        source = (one.get("source") or {}).get("component") or one.get("reportingComponent", "")
        page.row(1, one.get("type", ""), one.get("reason", ""), _interval(one, facts), source,
                 one.get("message", "").strip())  # fmt: skip


def _interval(one: Document, facts: Facts) -> str:
    first = age(one.get("eventTime") or one.get("firstTimestamp"), facts.now)
    if series := one.get("series"):
        return f"{age(series.get('lastObservedTime'), facts.now)} (x{series.get('count', 0)} over {first})"
    if one.get("count", 0) > 1:
        return f"{age(one.get('lastTimestamp'), facts.now)} (x{one['count']} over {first})"
    return first
