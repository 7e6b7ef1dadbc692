"""Which form a client wants its answer in: `negotiate` reads an Accept header into a Form.

Pure and cached by header text: a client repeats itself. Protobuf is read (see `decoding`), not yet written.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/negotiation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from machinery.api.errors import NotAcceptable

JSON = "application/json"
YAML = "application/yaml"
_YAML_TYPES = (YAML, "application/x-yaml", "text/yaml")
_JSON_TYPES = (JSON, "application/*", "*/*")
_TRANSFORMS = ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")


@dataclass(frozen=True, slots=True)
class Form:
    """How to answer: the encoding, and what to turn the object into ("" = as it is)."""

    media_type: str = JSON
    as_kind: str = ""
    version: str = "v1"

    @property
    def plain(self) -> bool:
        return not self.as_kind and self.media_type == JSON


@dataclass(frozen=True, slots=True)
class Clause:
    """One comma-separated part of an Accept header."""

    media_type: str
    params: dict[str, str]


@lru_cache(maxsize=1024)
def clauses(accept: str) -> tuple[Clause, ...]:
    """The parts of an Accept header, best first."""
    parsed = [_clause(text) for text in accept.split(",") if text.strip()]
    return tuple(sorted(parsed, key=lambda clause: -float(clause.params.get("q", "1") or 1)))


def _clause(text: str) -> Clause:
    media_type, *params = (part.strip() for part in text.split(";"))
    pairs = (param.partition("=") for param in params)
    return Clause(media_type.lower(), {key.strip(): value.strip() for key, _, value in pairs})


@lru_cache(maxsize=1024)
def negotiate(accept: str) -> Form:
    """The first form in the header that this server speaks; NotAcceptable when there is none."""
    if not accept.strip():
        return Form()
    for clause in clauses(accept):
        if (form := _form(clause)) is not None:
            return form
    raise NotAcceptable([JSON, YAML])


def _form(clause: Clause) -> Form | None:
    if clause.media_type in _YAML_TYPES and "as" not in clause.params:
        return Form(YAML)
    if clause.media_type not in _JSON_TYPES:
        return None
    as_kind = clause.params.get("as", "")
    if not as_kind:
        return Form()
    if as_kind in _TRANSFORMS and clause.params.get("g") == "meta.k8s.io":
        return Form(JSON, as_kind.removesuffix("List"), clause.params.get("v", "v1"))
    return None
