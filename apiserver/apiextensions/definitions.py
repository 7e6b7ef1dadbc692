"""What becomes of a definition: which of its names are free, and what its conditions say. `status(crd, others)`.

Pure. A name belongs to the definition that had it first; who comes later is not served under it.
Real Kubernetes: apiextensions-apiserver's pkg/controller/{status,establish,apiapproval}.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

Doc = dict[str, Any]
FINALIZER = "customresourcecleanup.apiextensions.k8s.io"
APPROVAL = "api-approved.kubernetes.io"
TERMINATING = "Terminating"


def status(definition: Doc, others: Iterable[Doc], now: str) -> Doc:
    """The status as it should be, beside these other definitions."""
    before = definition.get("status") or {}
    accepted, taken = _accepted(definition, [each for each in others if _group(each) == _group(definition)])
    conditions = {each["type"]: each for each in before.get("conditions", ())}
    for type_, state, reason, message in _sayings(definition, taken, conditions):
        conditions[type_] = _condition((type_, state, reason, message), conditions.get(type_), now)
    return {**before, "acceptedNames": accepted, "conditions": list(conditions.values())}


def established(definition: Doc) -> bool:
    """Whether its versions are to be served."""
    return condition(definition, "Established") == "True"


def condition(definition: Doc, type_: str) -> str:
    """The status of one condition; "" where there is none."""
    found = (definition.get("status") or {}).get("conditions", ())
    return next((each["status"] for each in found if each["type"] == type_), "")


def with_terminating(definition: Doc, saying: tuple[str, str, str], now: str) -> Doc:
    """The definition with another word on how its end goes on."""
    before = definition.get("status") or {}
    conditions = {each["type"]: each for each in before.get("conditions", ())}
    conditions[TERMINATING] = _condition((TERMINATING, *saying), conditions.get(TERMINATING), now)
    return {**definition, "status": {**before, "conditions": list(conditions.values())}}


def _group(definition: Doc) -> str:
    return definition["spec"]["group"]


def _condition(said: tuple[str, str, str, str], before: Doc | None, now: str) -> Doc:
    type_, state, reason, message = said
    since = before.get("lastTransitionTime", now) if before and before["status"] == state else now
    return {"type": type_, "status": state, "lastTransitionTime": since, "reason": reason, "message": message}


def _accepted(definition: Doc, others: list[Doc]) -> tuple[Doc, tuple[str, str]]:
    """The names it may use, and of what is taken the reason and the message."""
    wanted = definition["spec"]["names"]
    had = (definition.get("status") or {}).get("acceptedNames") or {}
    resources, kinds = _used(others)
    accepted: Doc = {"plural": had.get("plural", ""), "kind": had.get("kind", "")}
    taken = ("", "")
    for field, reason, pool in (
        ("plural", "PluralConflict", resources), ("singular", "SingularConflict", resources),
        ("shortNames", "ShortNamesConflict", resources), ("kind", "KindConflict", kinds),
        ("listKind", "ListKindConflict", kinds),
    ):  # fmt: skip
        name = wanted.get(field)
        clash = [each for each in (name if isinstance(name, list) else [name]) if each in pool]
        if clash:
            taken = (reason, ", ".join(f'"{each}" is already in use' for each in clash))
            name = had.get(field)
        if name:
            accepted[field] = name
    if wanted.get("categories"):
        accepted["categories"] = wanted["categories"]
    return accepted, taken


def _used(others: list[Doc]) -> tuple[set[str], set[str]]:
    resources: set[str] = set()
    kinds: set[str] = set()
    for each in others:
        names = (each.get("status") or {}).get("acceptedNames") or {}
        resources |= {names.get("plural", ""), names.get("singular", ""), *names.get("shortNames", ())}
        kinds |= {names.get("kind", ""), names.get("listKind", "")}
    return resources - {""}, kinds - {""}


def _sayings(definition: Doc, taken: tuple[str, str], known: Doc) -> Iterator[tuple[str, str, str, str]]:
    reason, message = taken
    if reason:
        yield "NamesAccepted", "False", reason, message
        if "Established" not in known:
            yield "Established", "False", "NotAccepted", "not all names are accepted"
    else:
        yield "NamesAccepted", "True", "NoConflicts", "no conflicts found"
        yield "Established", "True", "InitialNamesAccepted", "the initial names have been accepted"
    yield from _approval(definition)


def _approval(definition: Doc) -> Iterator[tuple[str, str, str, str]]:
    group = _group(definition)
    if not any(group == own or group.endswith(f".{own}") for own in ("k8s.io", "kubernetes.io")):
        return
    text = definition["metadata"].get("annotations", {}).get(APPROVAL, "")
    type_ = "KubernetesAPIApprovalPolicyConformant"
    if text.startswith("unapproved"):
        yield type_, "False", "UnapprovedAnnotation", f'not approved: "{text}"'
    else:
        yield type_, "True", "ApprovedAnnotation", f"approved in {text}"
