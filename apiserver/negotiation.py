"""Which form a client wants its answer in: `negotiate` reads an Accept header into a Form.

Pure and cached by header text: a client repeats itself. Clauses count in order of q, exact types before wildcards; one
that asks for what we do not speak is passed over, and 406 says what we do speak.
Real Kubernetes: k8s.io/apiserver/pkg/endpoints/handlers/negotiation. Left out: CBOR, which v1.32 has behind a gate.
"""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from machinery.api.errors import NotAcceptable

JSON = "application/json"
YAML = "application/yaml"
PROTOBUF = "application/vnd.kubernetes.protobuf"
OFFERED = (JSON, YAML, PROTOBUF)
STREAMED = (f"{JSON};stream=watch", f"{PROTOBUF};stream=watch")
Transforms = frozenset[tuple[str, str, str]]
"""What an object may be turned into on request: group, version and kind."""
NOTHING: Transforms = frozenset()
METADATA: Transforms = frozenset(
    ("meta.k8s.io", version, kind)
    for version in ("v1", "v1beta1")
    for kind in ("Table", "PartialObjectMetadata", "PartialObjectMetadataList")
)
DISCOVERY: Transforms = frozenset(
    ("apidiscovery.k8s.io", version, "APIGroupDiscoveryList") for version in ("v2", "v2beta1")
)
_READ_BY_PEOPLE = ("curl", "Wget", "Mozilla/5.0")


@dataclass(frozen=True, slots=True)
class Form:
    """How to answer: the encoding, and what to turn the object into ("" = as it is)."""

    media_type: str = JSON
    as_kind: str = ""
    version: str = "v1"
    pretty: bool = False

    @property
    def plain(self) -> bool:
        """Whether the bytes as they are stored will do."""
        return self is _PLAIN or self == _PLAIN

    @property
    def name(self) -> str:
        """The same for all whose answers are the same."""
        return f"{self.media_type}/{self.as_kind}/{self.version}/{self.pretty}"


_PLAIN = Form()
_PRETTY = Form(pretty=True)


@dataclass(frozen=True, slots=True)
class Clause:
    """One comma-separated part of an Accept header."""

    media_type: str
    params: dict[str, str]
    quality: float = 1.0

    @property
    def rank(self) -> tuple[float, bool, bool]:
        main, _, sub = self.media_type.partition("/")
        return -self.quality, main == "*", sub == "*"

    def covers(self, media_type: str) -> bool:
        """Whether a type is the one asked for, or one of those."""
        main = media_type.partition("/")[0]
        return self.media_type in (media_type, f"{main}/*", "*/*")


@lru_cache(maxsize=1024)
def clauses(accept: str) -> tuple[Clause, ...]:
    """The parts of an Accept header, best first."""
    parsed = [_clause(text) for text in accept.split(",") if text.strip()]
    return tuple(sorted(parsed, key=lambda clause: clause.rank))


def _clause(text: str) -> Clause:
    media_type, *params = (part.strip() for part in text.split(";"))
    pairs = {key.strip(): value.strip() for key, _, value in (param.partition("=") for param in params)}
    quality = 1.0
    with contextlib.suppress(ValueError):
        quality = float(pairs.pop("q", "1"))
    return Clause("*/*" if media_type == "*" else media_type.lower(), pairs, quality)


def form_of(
    headers: Mapping[str, str], query: Mapping[str, str], *, transforms: Transforms = METADATA, protobuf: bool = True
) -> Form:
    """The form for a request: its Accept header, and `pretty`, which people's tools need not ask for."""
    form = negotiate(headers.get("Accept", ""), transforms=transforms, protobuf=protobuf)
    if form.media_type != JSON or not for_people(headers.get("User-Agent", ""), query):
        return form
    return _PRETTY if form.plain else replace(form, pretty=True)


def for_people(agent: str, query: Mapping[str, str]) -> bool:
    """Whether lines and indentation are wanted."""
    if asked := query.get("pretty", ""):
        return asked in ("1", "t", "T", "true", "TRUE", "True")
    return agent.startswith(_READ_BY_PEOPLE)


@lru_cache(maxsize=1024)
def negotiate(accept: str, *, transforms: Transforms = METADATA, protobuf: bool = True) -> Form:
    """The first form in the header that this server speaks; NotAcceptable when there is none.

    Without `protobuf` the objects have no such form; their metadata still has.
    """
    if not accept:
        return _PLAIN
    for clause in clauses(accept):
        for offer in OFFERED:
            if clause.covers(offer) and (form := _form(offer, clause.params, transforms)) is not None and (
                protobuf or form.media_type != PROTOBUF or form.as_kind
            ):
                return form
    raise NotAcceptable(OFFERED if protobuf else OFFERED[:-1])


def stream_form(headers: Mapping[str, str], *, protobuf: bool = True) -> Form:
    """The form of a watch's frames, which come as JSON or protobuf only."""
    form = negotiate(headers.get("Accept", ""), protobuf=protobuf)
    if form.media_type == YAML:
        raise NotAcceptable(STREAMED)
    return replace(form, pretty=False) if form.pretty else form


def _form(media_type: str, params: Mapping[str, str], transforms: Transforms) -> Form | None:
    """What a clause asks of a type that we speak; None when that cannot be had."""
    if params.get("stream", "") not in ("", "watch") or (params.get("stream") and media_type == YAML):
        return None
    pretty = media_type == JSON and params.get("pretty") == "1"
    if not params.keys() & {"as", "g", "v"}:
        return Form(media_type, pretty=True) if pretty else _plain_in(media_type)
    as_kind, version = params.get("as", ""), params.get("v", "")
    if (params.get("g", ""), version, as_kind) not in transforms or (as_kind == "Table" and media_type == PROTOBUF):
        return None
    return Form(media_type, as_kind, version, pretty)


def _plain_in(media_type: str) -> Form:
    return _PLAIN if media_type == JSON else Form(media_type)
