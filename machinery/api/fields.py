"""Field selectors: `spec.nodeName=worker-1,status.phase!=Failed`.

Pure. Which fields a kind offers is the API server's knowledge; this reads the text and compares strings. A text that
cannot be understood raises BadRequest, in the API server's words.
In Kubernetes: k8s.io/apimachinery/pkg/fields. Left out: transformation of names between versions.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from machinery.api.errors import BadRequest


@dataclass(frozen=True, slots=True)
class Requirement:
    """One condition. op: = or != (`==` is read as `=`)."""

    field: str
    op: str
    value: str

    def matches(self, values: Mapping[str, str]) -> bool:
        return (values.get(self.field, "") == self.value) == (self.op == "=")

    def __str__(self) -> str:
        return self.field + self.op + re.sub(r"([\\,=])", r"\\\1", self.value)


@dataclass(frozen=True, slots=True)
class FieldSelector:
    """All requirements must hold; none at all matches everything."""

    requirements: tuple[Requirement, ...] = ()

    def matches(self, values: Mapping[str, str]) -> bool:
        return all(requirement.matches(values) for requirement in self.requirements)

    @property
    def empty(self) -> bool:
        return not self.requirements

    def exact(self, field: str) -> str | None:
        """The only value that `field` may have, where there is one: lets an index answer."""
        return next((r.value for r in self.requirements if r.field == field and r.op == "="), None)

    def __str__(self) -> str:
        return ",".join(map(str, self.requirements))


_EVERYTHING = FieldSelector()


def everything() -> FieldSelector:
    return _EVERYTHING


@lru_cache(maxsize=1024)
def parse(text: str) -> FieldSelector:
    """Reads the query-string form; `\\` escapes a comma, an equals sign or itself in a value. Raises BadRequest."""
    terms = sorted(re.findall(r"(?:\\.|[^\\,]|\\$)+", text, re.DOTALL))
    return FieldSelector(tuple(_requirement(term, text) for term in terms))


def _requirement(term: str, text: str) -> Requirement:
    found = re.search("!=|==|=", term)
    if not found:
        raise BadRequest(f"invalid selector: '{text}'; can't understand '{term}'")
    op = "!=" if found[0] == "!=" else "="
    return Requirement(term[:found.start()], op, _unescaped(term[found.end():]))


def _unescaped(value: str) -> str:
    def plain(escape: re.Match[str]) -> str:
        if escape[0] == "=":
            raise BadRequest(f"invalid field selector: unescaped character in value: {ord('=')}")
        if escape[0] not in ("\\\\", "\\,", "\\="):
            raise BadRequest(f"invalid field selector: invalid escape sequence: {escape[0]}")
        return escape[0][1]

    return re.sub(r"\\.|\\$|=", plain, value, flags=re.DOTALL)
