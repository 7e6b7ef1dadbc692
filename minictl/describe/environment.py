"""A container's environment: plain values, and where the others come from.

Pure. In real Kubernetes: describeContainerEnvVars of kubectl/pkg/describe.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import ROUND_CEILING

from machinery.api import quantity
from minictl.describe.facts import Document
from minictl.describe.page import NONE, Page


def environment(page: Page, container: Document, resolve: Callable[[str], str | None] | None) -> None:
    """The variables; resolve tells what a field of the pod holds."""
    variables = container.get("env") or ()
    page.row(2, "Environment:", NONE) if not variables else page.row(2, "Environment:")
    for one in variables:
        if not one.get("valueFrom"):
            first, *rest = one.get("value", "").split("\n")
            page.row(3, f"{one['name']}:", first)
            for line in rest:
                page.row(3, "", line)
        else:
            page.row(3, f"{one['name']}:", *_source(one["valueFrom"], container, resolve))


def _source(source: Document, container: Document, resolve: Callable[[str], str | None] | None) -> Sequence[str]:
    if field := source.get("fieldRef"):
        value = (resolve(field["fieldPath"]) or "") if resolve else ""
        return [f"{value} ({field.get('apiVersion', 'v1')}:{field['fieldPath']})"]
    if resource := source.get("resourceFieldRef"):
        return [f"{amount(resource, container)} ({resource['resource']})"]
    if key := source.get("secretKeyRef"):
        return [f"<set to the key '{key['key']}' in secret '{key.get('name', '')}'>", _optional(key)]
    key = source["configMapKeyRef"]
    return [f"<set to the key '{key['key']}' of config map '{key.get('name', '')}'>", _optional(key)]


def _optional(reference: Document) -> str:
    return f"Optional: {str(bool(reference.get('optional'))).lower()}"


def sources(page: Page, values: Sequence[Document]) -> None:
    """Whole config maps and secrets as variables; nothing if there are none."""
    if values:
        page.row(2, "Environment Variables from:")
    for one in values:
        reference = one.get("configMapRef") or one.get("secretRef") or {}
        kind = "ConfigMap" if "configMapRef" in one else "Secret" if "secretRef" in one else ""
        prefix = f" with prefix '{one['prefix']}'" if one.get("prefix") else ""
        page.row(3, reference.get("name", ""), kind + prefix, _optional(reference))


def amount(reference: Document, container: Document) -> str:
    """A limit or request in units of the divisor, rounded up."""
    what, _, name = reference["resource"].partition(".")
    given = ((container.get("resources") or {}).get(what) or {}).get(name, "0")
    divisor = reference.get("divisor", "0")
    unit = quantity.parse("1" if quantity.parse(divisor) == 0 else divisor)
    value = str(int((quantity.parse(given) / unit).to_integral_value(ROUND_CEILING)))
    return "node allocatable" if value == "0" and reference["resource"] in ("limits.cpu", "limits.memory") else value


def resolver(pod: Document) -> Callable[[str], str | None]:
    """Name and namespace; what else a field may hold is left to the node, as kubectl leaves it."""
    meta = pod["metadata"]
    return {"metadata.name": meta["name"], "metadata.namespace": meta.get("namespace", "")}.get
