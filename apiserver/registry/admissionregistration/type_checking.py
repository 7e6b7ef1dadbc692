"""Fields that a policy's expressions name and that the kinds it is about do not have: status.typeChecking.

Pure. Tells, never refuses: `object.spec.replicass` is legal where a policy matches kinds of which one has it. Chains of
names from `object` and `oldObject` are held against the classes of the kinds that the rules spell out.
Real Kubernetes: admission/plugin/policy/validating/typechecking.go, in a controller. Left out: operators on wrong
types, `params`, custom resources.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from machinery.api import scheme
from machinery.api.scheme import NotRegistered, Resource

Doc = dict[str, Any]
_MOST_KINDS = 10
_LITERAL = re.compile(r"""[rR]?("(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*')""")
_CHAIN = re.compile(r"(?<![\w.])(?:object|oldObject)((?:\.[A-Za-z_]\w*)+)(\s*\()?")
_WORDS = {"int32": "int", "int64": "int", "bool": "bool", "string": "string", "double": "double"}


def status(obj: Doc) -> Doc:
    """The status of a policy: what was found in this generation of it."""
    found = list(_warnings(obj["spec"]))
    checking = {"expressionWarnings": found} if found else {}
    return {"observedGeneration": obj["metadata"]["generation"], "typeChecking": checking}


def _warnings(spec: Doc) -> Iterator[Doc]:
    kinds = _kinds(spec)
    for index, row in enumerate(spec.get("validations", ())):
        for field in ("expression", "messageExpression"):
            told = [text for kind in kinds if (text := checked(row.get(field, ""), kind))]
            if told:
                yield {"fieldRef": f"spec.validations[{index}].{field}", "warning": "\n".join(told)}


def _kinds(spec: Doc) -> list[Resource]:
    """Those that rules name without a star, in order."""
    found: dict[tuple[str, str, str], Resource] = {}
    for rule in (spec.get("matchConstraints") or {}).get("resourceRules", ()):
        groups, versions = rule.get("apiGroups", ()), rule.get("apiVersions", ())
        if any("*" in each for each in (*groups, *versions)):
            continue
        plurals = [each for each in rule.get("resources", ()) if not set(each) & set("*/")]
        for place in ((group, version, plural) for group in groups for version in versions for plural in plurals):
            if row := _row(place):
                found[row.group, row.version, row.kind] = row
    return [found[key] for key in sorted(found)][:_MOST_KINDS]


def _row(place: tuple[str, str, str]) -> Resource | None:
    try:
        return scheme.for_resource(*place)
    except NotRegistered:
        return None


def checked(expression: str, kind: Resource) -> str:
    """What is to be said of an expression over objects of this kind; "" for nothing."""
    plain = _LITERAL.sub(lambda match: " " * len(match[0]), expression)
    found = []
    for match in _CHAIN.finditer(plain):
        names = match[1].split(".")[1:]
        if wrong := _wrong(names[:-1] if match[2] else names, kind.model):
            at, why = wrong
            found.append(_pointed_at(expression, match.start(1) + sum(len(each) + 1 for each in names[:at]), why))
    return f"{kind.api_version}, Kind={kind.kind}: {chr(10).join(found)}\n" if found else ""


def _wrong(names: list[str], model: Any) -> tuple[int, str] | None:
    """The first name that cannot be: its place, and why."""
    scalar = ""
    for at, name in enumerate(names):
        if model is None:
            return (at, f"type '{scalar}' does not support field selection") if scalar else None
        fact = model.fields_table().get(name)
        if fact is None:
            return at, f"undefined field '{name}'"
        if fact.repeated or fact.type.startswith("map<"):
            return None
        model, scalar = fact.model, _WORDS.get(fact.type, "")
    return None


def _pointed_at(expression: str, offset: int, why: str) -> str:
    before = expression[:offset]
    line, column = before.count("\n"), offset - (before.rfind("\n") + 1)
    shown = expression.split("\n")[line]
    return f"ERROR: <input>:{line + 1}:{column + 1}: {why}\n | {shown}\n | {'.' * column}^"
